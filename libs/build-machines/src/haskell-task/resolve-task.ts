import { findCabalProject, type HaskellProject, type LocatedPackage } from '@build-machines/haskell';
import { BuildMachinesError } from '@build-machines/protocol';
import type { ExecutorContext } from '@nx/devkit';
import { join, relative } from 'node:path';
import { closureRoots } from './closure.js';

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
}

/**
 * Resolves what a task of `projectName` builds.
 * @param packages option of the same name: cabal packages to act on instead of the project's own.
 * @throws NoPackageError when there is neither; HaskellFileError for a cabal file of the closure that does not parse.
 */
export function resolveProject(
  context: Pick<ExecutorContext, 'root' | 'projectGraph'>,
  projectName: string,
  packages: readonly string[] | undefined,
): ResolvedProject {
  const root = context.projectGraph.nodes[projectName]?.data.root ?? '.';
  const folder = join(context.root, root);
  const haskell = findCabalProject(folder, context.root);
  const own = haskell.packages.find(({ dir }) => dir === folder);
  const names = packages ?? (own === undefined ? [] : [own.name]);
  if (names.length === 0) {
    const [problem] = haskell.problems;
    if (problem !== undefined) throw problem;
    throw new NoPackageError(projectName, root);
  }
  const known = new Set(haskell.packages.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw new PackageUnknownError(unknown, haskell.dir, [...known]);

  const roots = closureRoots(context.projectGraph, projectName);
  const inRoots = (path: string): boolean => roots.some((r) => r === '.' || path.startsWith(`${r}/`));
  const files = [...haskell.files, ...haskell.packages.map(({ cabalFile }) => cabalFile)]
    .map((path) => relative(context.root, path))
    .filter((path) => !inRoots(path));
  return {
    haskell,
    own,
    packages: names,
    cabalFolder: relative(context.root, haskell.dir) || '.',
    roots,
    files: [...new Set(files)].sort(),
  };
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
