import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageSources } from '@build-machines/protocol';
import type { KnownLists } from './known-lists.js';
import type { Manifest } from './manifest.js';
import { sameStat, storedStat } from './observe.js';
import { liesInSources } from './path-folders.js';
import { parkedName } from './step.js';
import type { Fates } from './transition.js';

/**
 * What becomes of paths that a list does not have. A file of a package that is built now without it may not come back with
 * its old time: its objects may have been made from another file of that name by then. So only what the run has nothing
 * to do with is parked.
 * @param built sources of the packages that will be built now
 * @param unneeded paths that no list may have any more
 */
export function fatesOf(
  parked: { readonly folder: string; readonly manifest: Manifest },
  built: readonly PackageSources[],
  lists: Pick<KnownLists, 'need'>,
  unneeded: ReadonlySet<string>,
): Fates {
  const isBuilt = liesInSources(built);
  return {
    isWanted: (path) => !isBuilt(path) && lists.need(path),
    isStale: (path) => isBuilt(path) || (unneeded.has(path) && !lists.need(path)),
    isIntact: (path) => {
      const stats = lstatSync(join(parked.folder, parkedName(path)), { bigint: true, throwIfNoEntry: false });
      const stored = parked.manifest.get(path);
      return stats !== undefined && stored !== undefined && sameStat(stored.stat, storedStat(stats));
    },
  };
}
