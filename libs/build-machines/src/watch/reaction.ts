import { type Component, componentsOf, leavesFolder, type LocatedPackage } from '@build-machines/haskell';
import { join, relative } from 'node:path';

/** What a GHCi that has one component of a package loaded must do about changed files. */
export type Reaction = { readonly kind: 'nothing' | 'reload' } | { readonly kind: 'restart'; readonly because: string };

/** Modules, which GHCi finds by itself; what a preprocessor makes modules of, cabal has to have made anew. */
const MODULE = /\.l?hs(-boot)?$/;

/**
 * What changed files ask for. GHCi reloads changed modules of its component; everything else it knows through cabal
 * only: what packages are made of, other packages, other libraries of its own one, C sources, embedded files.
 * @param changed absolute paths
 */
export function reactionTo(
  changed: readonly string[],
  { pkg, loaded }: { readonly pkg: LocatedPackage; readonly loaded: Component | undefined },
): Reaction {
  if (changed.length === 0) return { kind: 'nothing' };
  const built = componentsOf(pkg, 'library').filter((library) => library !== loaded);
  const isBuilt = (path: string): boolean =>
    built.some(({ sourceDirs }) => sourceDirs.some((folder) => isIn(join(pkg.dir, folder), path)));
  const needsCabal = changed.find((path) => !MODULE.test(path) || !isIn(pkg.dir, path) || isBuilt(path));
  return needsCabal === undefined ? { kind: 'reload' } : { kind: 'restart', because: needsCabal };
}

function isIn(folder: string, path: string): boolean {
  return !leavesFolder(relative(folder, path));
}
