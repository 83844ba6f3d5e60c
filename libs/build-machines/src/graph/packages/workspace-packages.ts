import {
  brokenDescription,
  type BrokenPackage,
  type DependencyScope,
  externalDependencies,
  HaskellFileError,
  type HaskellProject,
  listingsOf,
  leavesFolder,
  type LocatedPackage,
  owningProject,
  packageFileIn,
  type PackageParser,
  parsePackageFile,
  readable,
  readPackage,
  type SourceFiles,
} from '@build-machines/haskell';
import { dirname, join } from 'node:path';
import { type AnalysisCache, cacheKey } from '../nx/analysis-cache.js';
import { standingAlone } from './lone-packages.js';
import { GENERATED, readProjects } from './read-projects.js';
import { loneProject, WorkspacePaths, type WorkspaceProject, workspaceProject } from './workspace-project.js';

/** A package of the workspace, with the cabal project that builds it. */
export interface WorkspacePackage {
  /** Of a package that cannot be read: what can be told of it. */
  readonly pkg: LocatedPackage;
  /** Its folder, relative to the workspace; `.` for the workspace itself. */
  readonly root: string;
  /** The file that describes it, relative to the workspace; of one without, the project file that lists it. */
  readonly file: string;
  /** The project that builds it. */
  readonly project: WorkspaceProject;
  /** All projects that list it, the one that builds it included. */
  readonly listedBy: readonly WorkspaceProject[];
  /** Why it cannot be read. Its tasks fail with this; nobody else hears of it. */
  readonly problem: HaskellFileError | undefined;
}

/** All that the workspace's files say. */
export interface WorkspacePackages {
  /** Sorted by root. */
  readonly packages: readonly WorkspacePackage[];
  /** What is wrong with files of cabal projects, and so with every package that they build. */
  readonly problems: readonly HaskellFileError[];
}

/**
 * Reads the packages of a workspace: those that a cabal.project or stack.yaml lists, and those that stand alone. Nothing
 * that a user can write makes it fail.
 * @param configFiles workspace-relative *.cabal, package.yaml, cabal.project and stack.yaml files that Nx knows
 * @param files where to read; a *.cabal that Nx does not know (git ignores it) does not exist for us
 */
export function readWorkspacePackages(
  workspaceRoot: string,
  configFiles: readonly string[],
  files: SourceFiles,
  cache: AnalysisCache,
): WorkspacePackages {
  const paths = new WorkspacePaths(workspaceRoot);
  const seen = onlyVisible(files, new Set(configFiles.map((file) => join(workspaceRoot, file))));
  const parse = cachedParser(cache);
  const projects = readProjects(workspaceRoot, configFiles, { files: seen, parse });
  const listings = listingsOf(projects);
  const described = new Map(projects.map((project) => [project, workspaceProject(project, paths)]));
  const listed = [...listings.keys()].flatMap((dir) => {
    const owner = owningProject(dir, listings);
    const found = owner && memberIn(owner, dir);
    if (found === undefined || leavesFolder(paths.relative(dir)) || isHidden(found, files, seen)) return [];
    const listedBy = (listings.get(dir) ?? []).flatMap((project) => described.get(project) ?? []);
    return [assemble(found, paths, listedBy, owner && described.get(owner))];
  });
  const alone = standingAlone(
    packageFolders(configFiles)
      .map((folder) => join(workspaceRoot, folder))
      .filter((dir) => !listings.has(dir)),
    projects,
    (dir) => readFolder(dir, seen, parse),
  ).map(({ found, project }) => assemble(found, paths, [], project && described.get(project)));
  return {
    packages: [...listed, ...alone].sort((a, b) => (a.root < b.root ? -1 : 1)),
    problems: projects.flatMap(({ problems }) => problems),
  };
}

/**
 * Packages that a package needs, with the line that says so.
 * @param scope `production`: without what only its tests and benchmarks need
 * @param within the projects whose packages count. Default: all that list it, since its dependents in each need all
 */
export function packageDependencies(
  from: WorkspacePackage,
  scope: DependencyScope = 'all',
  within: readonly WorkspaceProject[] = from.listedBy,
): { name: string; root: string; line: number }[] {
  return externalDependencies(from.pkg, scope).flatMap((reference) => {
    const roots = within.flatMap(({ packages }) => packages.get(reference.package)?.root ?? []);
    return [...new Set(roots)].map((root) => ({ name: reference.package, root, line: reference.line }));
  });
}

/** A package that was read, or could not be. */
export type FoundPackage = { readonly pkg: LocatedPackage; readonly problem: HaskellFileError | undefined };

function memberIn(project: HaskellProject, dir: string): FoundPackage | undefined {
  const pkg = project.packages.find((one) => one.dir === dir);
  if (pkg !== undefined) return { pkg, problem: undefined };
  const broken = project.broken.find((one) => one.dir === dir);
  return broken && sketched(broken);
}

function readFolder(dir: string, files: SourceFiles, parse: PackageParser): FoundPackage | undefined {
  let description: string | null = null;
  try {
    description = packageFileIn(dir, readable(files), parse);
    if (description === null) return undefined;
    return { pkg: readPackage(description, readable(files), parse), problem: undefined };
  } catch (error) {
    if (!(error instanceof HaskellFileError)) throw error;
    return sketched(brokenDescription(description ?? error.file, error, files));
  }
}

function sketched({ sketch, dir, file, problem }: BrokenPackage): FoundPackage {
  const located = { dir, cabalFile: file, needsHpack: false, includedFiles: [], added: { folders: [], files: [] } };
  return { pkg: { ...sketch, ...located }, problem };
}

function assemble(
  { pkg, problem }: FoundPackage,
  paths: WorkspacePaths,
  listedBy: readonly WorkspaceProject[],
  owner: WorkspaceProject | undefined,
): WorkspacePackage {
  const member = { root: paths.relative(pkg.dir), file: paths.relative(pkg.cabalFile) };
  const project = owner ?? loneProject(pkg.name, member);
  return { pkg, ...member, project, listedBy: listedBy.length === 0 ? [project] : listedBy, problem };
}

/** The user has excluded its files from the plugin, or git ignores them. */
function isHidden({ pkg, problem }: FoundPackage, files: SourceFiles, seen: SourceFiles): boolean {
  if (problem === undefined) return false;
  const count = (from: SourceFiles) =>
    readable(from)
      .list(pkg.dir)
      .filter((entry) => isPackageFile(entry.name)).length;
  try {
    return count(files) > count(seen);
  } catch (error) {
    if (error instanceof HaskellFileError) return false;
    throw error;
  }
}

function cachedParser(cache: AnalysisCache): PackageParser {
  return (text, file, read) =>
    // What it includes would have to be part of the key.
    /!include|\bdefaults\b/.test(text)
      ? parsePackageFile(text, file, read)
      : cache.get(cacheKey('package', file, text), () => parsePackageFile(text, file, read));
}

function isPackageFile(file: string): boolean {
  return /(\.cabal|(^|\/)package\.yaml)$/.test(file);
}

function packageFolders(configFiles: readonly string[]): string[] {
  return [
    ...new Set(configFiles.filter((file) => isPackageFile(file) && !GENERATED.test(file)).map((file) => dirname(file))),
  ];
}

function onlyVisible(files: SourceFiles, visible: ReadonlySet<string>): SourceFiles {
  const hides = (path: string): boolean => /(\.cabal|[/\\]package\.yaml)$/.test(path) && !visible.has(path);
  return {
    read: (path) => (hides(path) ? null : files.read(path)),
    list: (folder) => files.list(folder).filter((entry) => entry.isFolder || !hides(join(folder, entry.name))),
  };
}
