import {
  type HaskellProject,
  leavesFolder,
  type LocatedPackage,
  outsideScope,
  outsideSources,
  projectFinder,
  requireReadable,
  type SourceFiles,
  workspaceFiles,
} from '@build-machines/haskell';
import { BuildMachinesError, type ReusedPackage } from '@build-machines/protocol';
import type { ExecutorContext } from '@nx/devkit';
import { dirname, join, relative } from 'node:path';
import { ownMetadata } from '../graph/nx/problem-metadata.js';
import { closureRoots } from './closure.js';
import { reusedPackage } from './reused-packages.js';

/** The Haskell side of an Nx project: which cabal.project builds it, and which sources that takes. */
export interface ResolvedProject {
  readonly haskell: HaskellProject;
  /** The package of the project itself; undefined for a project that holds none (it then names `packages`). */
  readonly own: LocatedPackage | undefined;
  /** Names of the packages to act on. */
  readonly packages: readonly string[];
  /** Folder of cabal.project, relative to the workspace, `.` for the workspace itself. */
  readonly cabalFolder: string;
  /** Sync scope, see docs/decisions/0005-sync-scope.md. */
  readonly roots: readonly string[];
  readonly files: readonly string[];
  /** What a build of it reuses of earlier ones. */
  readonly reused: readonly ReusedPackage[];
}

/** Resolves what a task of a project builds; see {@link projectResolver}. */
export type ProjectResolver = (projectName: string, packages: readonly string[] | undefined) => ResolvedProject;

/**
 * Resolves what tasks build. Each cabal project is read once, so a resolver is for the tasks of one call.
 *
 * The resolver takes the option `packages`: cabal packages to act on instead of the project's own. It throws
 * NoPackageError when there is neither, and HaskellFileError for a cabal file of the project that does not parse.
 */
export function projectResolver(
  context: Pick<ExecutorContext, 'root' | 'projectGraph'>,
  sourceFiles: SourceFiles = workspaceFiles(),
): ProjectResolver {
  const find = projectFinder(context.root, { files: sourceFiles });
  const read = new Map<string, ReadPackage>();
  const readOnce = (pkg: LocatedPackage, project: HaskellProject): ReadPackage => {
    const known = read.get(pkg.dir);
    if (known !== undefined) return known;
    const outside = outsideScope(outsideSources(pkg, context.root, 'all'), context.root, sourceFiles);
    const now = { outside, reused: reusedPackage(pkg, project, context.root, outside) };
    read.set(pkg.dir, now);
    return now;
  };
  return (projectName, packages) => {
    const data = context.projectGraph.nodes[projectName]?.data;
    const root = data?.root ?? '.';
    const folder = join(context.root, root);
    const { cabalProject } = ownMetadata(data?.metadata);
    const haskell = find(folder, cabalProject === undefined ? undefined : join(context.root, cabalProject));
    const own = haskell.packages.find(({ dir }) => dir === folder);
    const closure = closureRoots(context.projectGraph, projectName);
    const folders = new Set(closure.map((closed) => join(context.root, closed)));
    requireReadable(haskell, [folder, ...folders]);
    const names = packages ?? (own === undefined ? [] : [own.name]);
    requirePackages(names, haskell, { projectName, root });
    const needed = haskell.packages.filter(({ dir }) => folders.has(dir)).map((pkg) => readOnce(pkg, haskell));
    return {
      haskell,
      own,
      packages: names,
      cabalFolder: relative(context.root, haskell.dir) || '.',
      ...scopeOfClosure(
        closure,
        haskell,
        context.root,
        needed.map(({ outside }) => outside),
      ),
      reused: needed.map(({ reused }) => reused),
    };
  };
}

/** {@link projectResolver} for a single task. */
export function resolveProject(
  context: Pick<ExecutorContext, 'root' | 'projectGraph'>,
  projectName: string,
  packages: readonly string[] | undefined,
): ResolvedProject {
  return projectResolver(context)(projectName, packages);
}

interface Scope {
  readonly roots: readonly string[];
  readonly files: readonly string[];
}

/** What is read of a package once for all tasks that need it. */
interface ReadPackage {
  readonly outside: Scope;
  readonly reused: ReusedPackage;
}

/** Files beside each other that make and change a cabal project. */
const PROJECT_FILES = ['cabal.project', 'cabal.project.local', 'cabal.project.freeze'];

/** The folders of a closure, what its packages read outside of them, and the files that the whole cabal project shares. */
function scopeOfClosure(
  closure: readonly string[],
  haskell: HaskellProject,
  workspaceRoot: string,
  outside: readonly Scope[],
): Scope {
  const roots = new Set([...closure, ...outside.flatMap((scope) => scope.roots)]);
  // Those that are not there, too: what was sent before and is removed here has to be removed on the machine.
  const own = PROJECT_FILES.map((name) => join(haskell.dir, name));
  const shared = [...own, ...haskell.files, ...haskell.links, ...haskell.packages.map(({ cabalFile }) => cabalFile)]
    .map((path) => relative(workspaceRoot, path))
    .filter((path) => !leavesFolder(path));
  const files = [...shared, ...outside.flatMap((scope) => scope.files)].filter((path) => !isBelow(path, roots));
  return { roots: [...roots].sort(), files: [...new Set(files)].sort() };
}

/** Whether a path lies below one of some folders; by the folders above it, because there may be many of both. */
function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let above = dirname(path); ; above = dirname(above)) {
    if (folders.has(above)) return true;
    if (above === '.') return false;
  }
}

function requirePackages(
  names: readonly string[],
  haskell: HaskellProject,
  { projectName, root }: { projectName: string; root: string },
): void {
  if (names.length === 0) {
    throw new NoPackageError(projectName, root);
  }
  const known = new Set(haskell.packages.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw new PackageUnknownError(unknown, haskell.dir, [...known]);
}

/** A remote target on a project without a cabal package. */
export class NoPackageError extends BuildMachinesError {
  readonly code = 'no-package';
  constructor(project: string, root: string) {
    super(`The project ${project} (${root}) holds no cabal package.`, {
      hint: 'Add a .cabal file to its folder, or name cabal packages in the option "packages" of the target.',
    });
  }
}

/** The option `packages` names what the cabal.project does not have. */
export class PackageUnknownError extends BuildMachinesError {
  readonly code = 'package-unknown';
  constructor(name: string, dir: string, known: readonly string[]) {
    super(`There is no cabal package "${name}" in the project of ${dir}.`, {
      hint: `Its packages are: ${known.join(', ') || 'none'}. Correct the option "packages", or cabal.project.`,
    });
  }
}
