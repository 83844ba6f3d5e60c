import { type HaskellProject, isAtOrBelow } from '@build-machines/haskell';
import { isProjectOnPurpose } from './read-projects.js';
import type { FoundPackage } from './workspace-packages.js';

/** A package that no project lists. */
export interface LonePackage {
  readonly found: FoundPackage;
  /** The project at or above it that would list it, as far as anybody knows: its files cannot be read. */
  readonly project: HaskellProject | undefined;
}

/**
 * Which packages that no project lists are meant to be built by themselves. Where no project file is above it, that is any
 * package. Below one it is a package outside of all other packages' folders (what lies in them, fixtures of tests for
 * example, belongs to them) that is no copy of a listed package; and any folder with a project.json.
 * @param folders absolute folders with package descriptions that no project lists
 * @param read reads the package of a folder; undefined where there is none after all
 */
export function standingAlone(
  folders: readonly string[],
  projects: readonly HaskellProject[],
  read: (folder: string) => FoundPackage | undefined,
): LonePackage[] {
  const members = projects.flatMap(({ packages, broken }) => [
    ...packages,
    ...broken.map(({ sketch, dir }) => ({ name: sketch.name, dir })),
  ]);
  const names = new Set(members.map(({ name }) => name));
  const holders = members.map(({ dir }) => dir);
  return [...folders].sort().flatMap((dir): LonePackage[] => {
    const above = projects.filter((project) => isAtOrBelow(dir, project.dir));
    const isFree = above.length === 0 || isProjectOnPurpose(dir);
    if (!isFree && holders.some((holder) => holder !== dir && isAtOrBelow(dir, holder))) return [];
    const found = read(dir);
    if (found === undefined || (!isFree && names.has(found.pkg.name))) return [];
    holders.push(dir);
    return [{ found, project: above.find(({ isComplete }) => !isComplete) }];
  });
}
