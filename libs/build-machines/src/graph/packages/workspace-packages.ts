import {
  type CompilerSettings,
  externalDependencies,
  HaskellFileError,
  type HaskellProject,
  leavesFolder,
  type LocatedPackage,
  parsePackageFile,
  readCabalProject,
  readPackage,
  type SourceFiles,
  requestedGhc,
} from '@build-machines/haskell';
import type { BuildMachinesError } from '@build-machines/protocol';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { DuplicatePackageError, fileProblem } from '../graph-errors.js';
import { type AnalysisCache, cacheKey } from '../nx/analysis-cache.js';

/** A package of the workspace, with the cabal project that builds it. */
export interface WorkspacePackage {
  readonly pkg: LocatedPackage;
  /** Its folder, relative to the workspace; `.` for the workspace itself. */
  readonly root: string;
  /** The file that describes it, relative to the workspace. */
  readonly file: string;
  readonly project: WorkspaceProject;
}

/** A cabal project of the workspace. Paths are relative to the workspace, those that leave it excepted. */
export interface WorkspaceProject {
  readonly root: string;
  readonly files: readonly string[];
  /** Its packages inside the workspace, by name. */
  readonly packages: ReadonlyMap<string, { readonly root: string; readonly file: string }>;
  /** Compiler options that the project adds to the packages' own. */
  readonly settings: readonly CompilerSettings[];
  /** The GHC version that the project's files ask for; undefined: none, or not an exact one. */
  readonly ghc: string | undefined;
  /** Folders inside the workspace that the project lets compilers search. */
  readonly folders: readonly string[];
}

/** All that the workspace's files say. */
export interface WorkspacePackages {
  /** Sorted by root; of several of one name, the first. */
  readonly packages: readonly WorkspacePackage[];
  /** The others of the same names, each of which is among the problems too. */
  readonly duplicates: readonly WorkspacePackage[];
  /** Workspace-relative file and what is wrong with it. */
  readonly problems: readonly [file: string, error: BuildMachinesError][];
}

/**
 * Reads the packages of a workspace and assigns each to the nearest project, at or above its folder, that has it; a
 * package that is in none is a project of its own.
 * @param configFiles workspace-relative *.cabal, package.yaml, cabal.project and stack.yaml files that Nx knows
 * @param files where to read; a *.cabal that Nx does not know (git ignores it) does not exist for us
 */
export function readWorkspacePackages(
  workspaceRoot: string,
  configFiles: readonly string[],
  files: SourceFiles,
  cache: AnalysisCache,
): WorkspacePackages {
  const paths = new Paths(workspaceRoot);
  const visible = onlyVisible(files, new Set(configFiles.map((file) => join(workspaceRoot, file))));
  const parse: typeof parsePackageFile = (text, file) =>
    cache.get(cacheKey('package', file, text), () => parsePackageFile(text, file));
  const problems = new Map<string, [string, BuildMachinesError]>();
  const report = (read: string, cause: unknown): void => {
    const error = fileProblem(read, cause);
    const file = error instanceof HaskellFileError ? paths.relative(error.file) : read;
    problems.set(`${file}\n${error.message}`, [file, error]);
  };

  const projects = projectFiles(configFiles).flatMap(([folder, file]) => {
    try {
      const project = readCabalProject(join(workspaceRoot, folder), { files: visible, parse });
      for (const problem of project.problems) report(file, problem);
      return [project];
    } catch (error) {
      report(file, error);
      return [];
    }
  });
  const owners = ownersByFolder(projects);
  const found: WorkspacePackage[] = [];
  const shared = new Map<HaskellProject, WorkspaceProject>();
  for (const file of packageFiles(configFiles)) {
    const absolute = join(workspaceRoot, file);
    try {
      const owner = owners.get(dirname(absolute));
      const pkg = owner?.pkg ?? readPackage(absolute, visible, parse);
      const project =
        owner === undefined ? lone(pkg, paths) : (shared.get(owner.project) ?? describe(owner.project, paths));
      if (owner !== undefined) shared.set(owner.project, project);
      found.push({ pkg, root: paths.relative(pkg.dir), file, project });
    } catch (error) {
      report(file, error);
    }
  }
  const { unique, duplicates } = withoutDuplicates(found);
  return {
    packages: unique,
    duplicates: duplicates.map(({ pkg }) => pkg),
    problems: [
      ...problems.values(),
      ...duplicates.map(({ pkg, error }): [string, BuildMachinesError] => [pkg.file, error]),
    ],
  };
}

/** Packages of the same project that a package needs, with the line that says so. */
export function packageDependencies(from: WorkspacePackage): { name: string; root: string; line: number }[] {
  return externalDependencies(from.pkg).flatMap((reference) => {
    const target = from.project.packages.get(reference.package);
    return target === undefined ? [] : [{ name: reference.package, root: target.root, line: reference.line }];
  });
}

/** Words that the cabal project adds to the compiler options of a package; folders that it adds stand as `-I` options. */
export function projectOptions({ pkg, project }: WorkspacePackage): string[] {
  return project.settings
    .filter((settings) => settings.package === null || settings.package === pkg.name)
    .flatMap(({ options, folders }) => [...options, ...folders.map((folder) => `-I${folder}`)]);
}

/** Folders that tools fill with copies; they are ignored by git in most workspaces, but not in all. */
const GENERATED = /(^|\/)(node_modules|dist-newstyle|\.stack-work|\.nx)\//;

function packageFiles(configFiles: readonly string[]): string[] {
  const files = configFiles
    .filter((file) => /(\.cabal|(^|\/)package\.yaml)$/.test(file) && !GENERATED.test(file))
    .sort();
  const withCabal = new Set(files.filter((file) => file.endsWith('.cabal')).map((file) => dirname(file)));
  return files.filter((file) => file.endsWith('.cabal') || !withCabal.has(dirname(file)));
}

/** The folders of cabal projects, sorted, each with a file that makes it one. */
function projectFiles(configFiles: readonly string[]): [folder: string, file: string][] {
  const files = configFiles.filter((file) => /(^|\/)(cabal\.project|stack\.yaml)$/.test(file) && !GENERATED.test(file));
  return [...new Map(files.map((file) => [dirname(file), file]))].sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Ownership {
  readonly project: HaskellProject;
  readonly pkg: LocatedPackage;
}

/** Deeper projects come later in the sorted list, so the nearest one at or above a package is the last to claim it. */
function ownersByFolder(projects: readonly HaskellProject[]): Map<string, Ownership> {
  const owners = new Map<string, Ownership>();
  for (const project of projects) {
    for (const pkg of project.packages) {
      if (pkg.dir === project.dir || pkg.dir.startsWith(`${project.dir}${sep}`)) owners.set(pkg.dir, { project, pkg });
    }
  }
  return owners;
}

function onlyVisible(files: SourceFiles, visible: ReadonlySet<string>): SourceFiles {
  const isHidden = (path: string): boolean => /(\.cabal|[/\\]package\.yaml)$/.test(path) && !visible.has(path);
  return {
    read: (path) => (isHidden(path) ? null : files.read(path)),
    list: (folder) => files.list(folder).filter((entry) => entry.isFolder || !isHidden(join(folder, entry.name))),
  };
}

function describe(project: HaskellProject, paths: Paths): WorkspaceProject {
  return {
    root: paths.relative(project.dir),
    files: project.files.map((file) => paths.relative(file)),
    packages: new Map(
      project.packages.map((pkg) => [pkg.name, { root: paths.relative(pkg.dir), file: paths.relative(pkg.cabalFile) }]),
    ),
    settings: project.settings,
    ghc: requestedGhc(project.compilers),
    folders: project.settings
      .flatMap((settings) => settings.folders)
      .map((folder) => paths.relative(resolve(project.dir, folder)))
      .filter((folder) => !isAbsolute(folder) && !leavesFolder(folder)),
  };
}

function lone(pkg: LocatedPackage, paths: Paths): WorkspaceProject {
  const root = paths.relative(pkg.dir);
  const suffixes = ['', '.local', '.freeze'];
  return {
    root,
    files: suffixes.map((suffix) => (root === '.' ? '' : `${root}/`) + `cabal.project${suffix}`),
    packages: new Map([[pkg.name, { root, file: paths.relative(pkg.cabalFile) }]]),
    settings: [],
    ghc: undefined,
    folders: [],
  };
}

function withoutDuplicates(found: readonly WorkspacePackage[]): {
  unique: WorkspacePackage[];
  duplicates: { pkg: WorkspacePackage; error: DuplicatePackageError }[];
} {
  const byName = new Map<string, WorkspacePackage>();
  const duplicates: { pkg: WorkspacePackage; error: DuplicatePackageError }[] = [];
  for (const pkg of found) {
    const { name } = pkg.pkg;
    const other = byName.get(name);
    if (other === undefined) byName.set(name, pkg);
    else duplicates.push({ pkg, error: new DuplicatePackageError(name, pkg.file, other.file) });
  }
  const unique = [...byName.values()].sort((a, b) => (a.root < b.root ? -1 : 1));
  return { unique, duplicates };
}

/** Absolute paths as workspace-relative ones with slashes. */
class Paths {
  constructor(private readonly workspaceRoot: string) {}

  relative(path: string): string {
    const inside = relative(this.workspaceRoot, path).split(sep).join('/');
    if (inside === '') return '.';
    return isAbsolute(inside) ? path : inside;
  }
}
