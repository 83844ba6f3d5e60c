import {
  type HaskellProject,
  leavesFolder,
  type LocatedPackage,
  outsideScope,
  outsideSources,
  projectFinder,
  requireReadable,
  type SourceFiles,
} from '@build-machines/haskell';
import { BuildMachinesError, type ReusedPackage } from '@build-machines/protocol';
import type { ExecutorContext } from '@nx/devkit';
import type { TaskPlanner } from '@build-machines/sources';
import { join, relative } from 'node:path';
import { ownMetadata } from '../graph/nx/problem-metadata.js';
import { closureRoots } from './closure.js';
import { reusedPackage } from './reused-packages.js';
import { visibleFiles } from './visible-files.js';

/** The Haskell side of an Nx project: which cabal.project builds it, and which sources that takes. */
export interface ResolvedProject {
  readonly haskell: HaskellProject;
  /** The package of the project itself; undefined for a project that holds none (it then names `packages`). */
  readonly own: LocatedPackage | undefined;
  /** Names of the packages to act on. */
  readonly packages: readonly string[];
  /** Folder of cabal.project, relative to the workspace, `.` for the workspace itself. */
  readonly cabalFolder: string;
  /** Folders of the packages that it takes to build it, none of which may have lost all its files. */
  readonly folders: readonly string[];
  /** Files that the command cannot do without, so that they have to be among the inputs of its task. */
  readonly required: readonly string[];
  /** What a build of it reuses of earlier ones. */
  readonly reused: readonly ReusedPackage[];
}

/** Resolves what a task of a project builds; see {@link projectResolver}. */
export type ProjectResolver = (projectName: string, packages: readonly string[] | undefined) => ResolvedProject;

/**
 * Resolves what tasks build, from the files that Nx knows: others are not sent. Each cabal project is read once, so a
 * resolver is for the tasks of one call.
 *
 * The resolver takes the option `packages`: cabal packages to act on instead of the project's own. It throws
 * NoPackageError when there is neither, and HaskellFileError for a cabal file of the project that does not parse.
 */
export function projectResolver(
  context: Pick<ExecutorContext, 'root' | 'projectGraph'>,
  planner: Pick<TaskPlanner, 'knownFiles'>,
): ProjectResolver {
  const sourceFiles: SourceFiles = visibleFiles(context.root, planner.knownFiles());
  const find = projectFinder(context.root, { files: sourceFiles });
  const read = new Map<string, ReusedPackage>();
  const readOnce = (pkg: LocatedPackage, project: HaskellProject): ReusedPackage => {
    const known = read.get(pkg.dir);
    if (known !== undefined) return known;
    const outside = outsideScope(outsideSources(pkg, context.root, 'all'), context.root, sourceFiles);
    const now = reusedPackage(pkg, project, context.root, outside);
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
    const names = packages ?? (own === undefined ? [] : [own.name]);
    const meant = haskell.packages.filter(({ name }) => names.includes(name)).map(({ dir }) => dir);
    requireReadable(haskell, [folder, ...meant]);
    requirePackages(names, haskell, { projectName, root });
    const needed = haskell.packages.filter(({ dir }) => folders.has(dir));
    const inside = (path: string): string[] => {
      const within = relative(context.root, path);
      return leavesFolder(within) ? [] : [within || '.'];
    };
    const acted = haskell.packages.filter(({ name }) => names.includes(name));
    return {
      haskell,
      own,
      packages: names,
      cabalFolder: relative(context.root, haskell.dir) || '.',
      folders: needed.flatMap(({ dir }) => inside(dir)),
      required: [...haskell.files, ...haskell.links, ...acted.map(({ cabalFile }) => cabalFile)].flatMap(inside),
      reused: needed.map((pkg) => readOnce(pkg, haskell)),
    };
  };
}

/** {@link projectResolver} for a single task. */
export function resolveProject(
  context: Pick<ExecutorContext, 'root' | 'projectGraph'>,
  projectName: string,
  packages: readonly string[] | undefined,
  planner: Pick<TaskPlanner, 'knownFiles'>,
): ResolvedProject {
  return projectResolver(context, planner)(projectName, packages);
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
