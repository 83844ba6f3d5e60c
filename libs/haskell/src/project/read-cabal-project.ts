import { join } from 'node:path';
import { workspaceFiles, type SourceFiles } from '../files/source-files.js';
import { HaskellFileError } from '../syntax/source-error.js';
import type { HaskellProject, LocatedPackage } from './haskell-project.js';
import { isForeign, isPattern, matchLocation } from './location-glob.js';
import { CABAL_PROJECT, type PackageLocation, type ProjectFiles, readProjectFiles } from './project-files.js';
import { packageFileIn, type PackageParser, parsePackageFile, readPackage } from './read-package.js';
import { parseStackFile } from './stack-file.js';

/** How a project is read. */
export interface ReadOptions {
  /** Default: the disk, without what git ignores. */
  readonly files?: SourceFiles;
  /** Default: {@link parsePackageFile}. */
  readonly parse?: PackageParser;
}

/**
 * Reads the Haskell project of a folder: by its cabal.project; else by its stack.yaml; else its lone package, as cabal
 * does. Broken files do not stop it: they are in `problems`.
 * @param dir absolute path of the project's folder
 */
export function readCabalProject(dir: string, options: ReadOptions = {}): HaskellProject {
  const files = options.files ?? workspaceFiles();
  const parse = options.parse ?? parsePackageFile;
  const { kind, project } = describe(dir, files);
  const problems = [...project.problems];
  const packageFiles = new Set<string>();
  for (const location of project.locations) {
    collect(problems, () => {
      for (const file of packageFilesAt(location, dir, files)) packageFiles.add(file);
    });
  }
  const packages: LocatedPackage[] = [];
  for (const file of packageFiles) {
    collect(problems, () => {
      packages.push(readPackage(file, files, parse));
    });
  }
  packages.sort((a, b) => (a.dir < b.dir ? -1 : 1));
  const { files: projectFiles, settings, compilers } = project;
  return {
    dir,
    kind,
    needsProjectFile: kind === 'stack',
    files: projectFiles,
    settings,
    compilers,
    packages,
    problems,
  };
}

function describe(dir: string, files: SourceFiles): { kind: HaskellProject['kind']; project: ProjectFiles } {
  const hasProject = files.read(join(dir, CABAL_PROJECT)) !== null;
  const stackFile = join(dir, 'stack.yaml');
  const stackText = hasProject ? null : files.read(stackFile);
  const project = readProjectFiles(dir, files);
  if (hasProject) return { kind: 'cabal', project };
  const own: PackageLocation = { text: '.', line: 1, file: dir, optional: true };
  if (stackText === null) return { kind: 'package', project: { ...project, locations: [own, ...project.locations] } };
  try {
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
      project: { files: [stackFile], locations: [], settings: [], compilers: [], problems: [error] },
    };
  }
}

/**
 * Package files that a location stands for: a folder stands for the package in it, a file for itself. A pattern may
 * match folders without a package as long as it matches one with.
 */
function packageFilesAt(location: PackageLocation, dir: string, files: SourceFiles): string[] {
  if (isForeign(location.text)) return [];
  const matches = matchLocation(hpackAware(location.text), dir, files);
  const found = matches.flatMap((match) => {
    const file = match.isFolder ? packageFileIn(match.path, files) : match.path;
    return file === null ? [] : [file];
  });
  const packageFiles = found.filter((file) => file.endsWith('.cabal') || file.endsWith('/package.yaml'));
  const chosen = isPattern(location.text) ? packageFiles.filter((file) => isDescription(file, files)) : packageFiles;
  if (chosen.length > 0 || location.optional) return chosen;
  throw new HaskellFileError(
    { file: location.file, line: location.line },
    `"${location.text}" is no package: ${matches.length === 0 ? 'nothing is there' : 'no *.cabal file is there'}`,
    'Correct the path, or move it to optional-packages.',
  );
}

/** A pattern for *.cabal files means the packages that hpack describes as well: their *.cabal is made later. */
function hpackAware(location: string): string {
  return location.replace(/(^|\/)([^/]*\*[^/]*\.cabal)$/, '$1{$2,package.yaml}');
}

/** A package.yaml beside a *.cabal is that file's source, and not a package of its own. */
function isDescription(file: string, files: SourceFiles): boolean {
  return file.endsWith('.cabal') || packageFileIn(join(file, '..'), files) === file;
}

function collect(problems: HaskellFileError[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof HaskellFileError)) throw error;
    problems.push(error);
  }
}
