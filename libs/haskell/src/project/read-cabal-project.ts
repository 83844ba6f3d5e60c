import { basename, dirname, join } from 'node:path';
import { isSystemError } from '@build-machines/owned-files';
import { diskFiles, type SourceFiles } from '../files/source-files.js';
import { sketchPackage } from '../package/sketch-package.js';
import { HaskellFileError } from '../syntax/source-error.js';
import type { CompilerSettings } from './cabal-project-file.js';
import type { AddedPaths, BrokenPackage, HaskellProject, LocatedPackage } from './haskell-project.js';
import { locate, type Surroundings } from './package-locations.js';
import { CABAL_PROJECT, type PackageLocation, type ProjectFiles, readProjectFiles } from './project-files.js';
import { isHpackFile, type PackageParser, parsePackageFile, readPackage } from './read-package.js';
import { parseStackFile } from './stack-file.js';

/** How a project is read. */
export interface ReadOptions {
  /** Default: the disk, without what git ignores. */
  readonly files?: SourceFiles;
  /** Default: {@link parsePackageFile}. */
  readonly parse?: PackageParser;
  /** What lies outside of it reaches no build machine. Default: the project's folder. */
  readonly workspaceRoot?: string;
}

/**
 * Reads the Haskell project of a folder: by its cabal.project; else by its stack.yaml; else its lone package, as cabal
 * does. Broken files do not stop it: packages that cannot be read are `broken`, the rest is in `problems`.
 * @param dir absolute path of the project's folder
 */
export function readCabalProject(dir: string, options: ReadOptions = {}): HaskellProject {
  const { files = diskFiles(), parse = parsePackageFile, workspaceRoot = dir } = options;
  const { kind, project } = describe(dir, files, workspaceRoot);
  const around: Surroundings = { dir, workspaceRoot, files: readable(files), parse };
  const located = project.locations.map((location) => locate(location, around));
  const packages: LocatedPackage[] = [];
  const broken = new Map(located.flatMap((one) => one.broken).map((one): [string, BrokenPackage] => [one.dir, one]));
  for (const file of new Set(located.flatMap((one) => one.packageFiles))) {
    try {
      packages.push(readPackage(file, around.files, parse));
    } catch (error) {
      if (!(error instanceof HaskellFileError)) throw error;
      broken.set(dirname(file), brokenDescription(file, error, files));
    }
  }
  const byFolder = <One extends { readonly dir: string }>(one: One, other: One) => (one.dir < other.dir ? -1 : 1);
  const settled = packages.map((pkg) => ({ ...pkg, added: addedPaths(pkg.name, project.settings) })).sort(byFolder);
  const archives = [...new Set(located.flatMap((one) => one.archives))];
  return {
    dir,
    kind,
    needsProjectFile: kind === 'stack',
    files: [...new Set([...project.files, ...archives, ...settled.flatMap(({ includedFiles }) => includedFiles)])],
    archives,
    links: [...new Set(located.flatMap((one) => one.links))],
    settings: project.settings,
    compilers: project.compilers,
    isComplete: project.isComplete,
    hasImports: project.hasImports,
    packages: settled,
    broken: [...broken.values()].sort(byFolder),
    problems: [...project.problems, ...located.flatMap((one) => one.problems)],
  };
}

/** A package of which the description is there and cannot be read. */
export function brokenDescription(file: string, problem: HaskellFileError, files: SourceFiles): BrokenPackage {
  const dir = dirname(file);
  const folderName = isHpackFile(file) ? basename(dir) : basename(file, '.cabal');
  return { dir, file, sketch: sketchPackage(textOrNothing(file, files), folderName, isHpackFile(file)), problem };
}

function textOrNothing(file: string, files: SourceFiles): string {
  try {
    return files.read(file) ?? '';
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}

/** Files, with the system's refusal to read one as a problem of that file. */
export function readable(files: SourceFiles): SourceFiles {
  const guarded = <T>(path: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new HaskellFileError({ file: path }, `it cannot be read: ${error.message}`, 'Correct its permissions.');
    }
  };
  return {
    read: (path) => guarded(path, () => files.read(path)),
    list: (folder) => guarded(folder, () => files.list(folder)),
  };
}

function addedPaths(name: string, settings: readonly CompilerSettings[]): AddedPaths {
  const own = settings.filter((setting) => setting.package === null || setting.package === name);
  const all = (key: 'folders' | 'files') => [...new Set(own.flatMap((setting) => setting[key]))];
  return { folders: all('folders'), files: all('files') };
}

function describe(
  dir: string,
  files: SourceFiles,
  workspaceRoot: string,
): { kind: HaskellProject['kind']; project: ProjectFiles } {
  const guarded = readable(files);
  const project = readProjectFiles(dir, guarded, workspaceRoot);
  const hasProject = project.files.includes(join(dir, CABAL_PROJECT)) || project.problems.length > 0;
  if (hasProject) return { kind: 'cabal', project };
  const own: PackageLocation = { text: '.', line: 1, file: dir, optional: true };
  const stackFile = join(dir, 'stack.yaml');
  try {
    const stackText = guarded.read(stackFile);
    if (stackText === null) return { kind: 'package', project: { ...project, locations: [own, ...project.locations] } };
    const locations = parseStackFile(stackText, stackFile).map((text) => ({
      text,
      line: 1,
      file: stackFile,
      optional: false,
    }));
    return { kind: 'stack', project: { ...project, files: [...project.files, stackFile], locations } };
  } catch (error) {
    if (!(error instanceof HaskellFileError)) throw error;
    return {
      kind: 'stack',
      project: {
        files: [stackFile],
        locations: [],
        settings: [],
        compilers: [],
        problems: [error],
        isComplete: false,
        hasImports: false,
      },
    };
  }
}
