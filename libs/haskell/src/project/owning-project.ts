import { sep } from 'node:path';
import type { HaskellProject } from './haskell-project.js';

/** The projects that list a package, by the package's folder. */
export type Listings = ReadonlyMap<string, readonly HaskellProject[]>;

/** Which of some projects list which packages, those that cannot be read included. */
export function listingsOf(projects: readonly HaskellProject[]): Listings {
  const listings = new Map<string, HaskellProject[]>();
  for (const project of projects) {
    const folders = new Set([...project.packages, ...project.broken].map(({ dir }) => dir));
    for (const dir of folders) listings.set(dir, [...(listings.get(dir) ?? []), project]);
  }
  return listings;
}

/**
 * The project that builds a package, of those that list it: the outermost one at or above its folder, so that a vendored
 * repository is built as part of what it is vendored for, whatever project file it brings along. A package that only projects
 * elsewhere list (`packages: . ../shared`) belongs to the first of them by path.
 */
export function owningProject(packageDir: string, listings: Listings): HaskellProject | undefined {
  const listing = [...(listings.get(packageDir) ?? [])].sort(outermostFirst);
  return listing.find(({ dir }) => isAtOrBelow(packageDir, dir)) ?? listing[0];
}

/** Whether a path is a folder or lies in it. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}

function outermostFirst(a: HaskellProject, b: HaskellProject): number {
  const depth = a.dir.split(sep).length - b.dir.split(sep).length;
  return depth === 0 ? (a.dir < b.dir ? -1 : 1) : depth;
}
