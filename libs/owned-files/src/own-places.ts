import { renameSync, rmdirSync } from 'node:fs';
import { requireOurs } from './own-tree.js';
import { NotRemovableError } from './ownership-errors.js';
import { isStrictlyBelow } from './real-path.js';

/** Steps inside some folders of ours, for thousands at a time: the folders are checked once, each path by name. */
export interface OwnPlaces {
  /** Moves something from one path in the folders to another, whatever is there. */
  move(from: string, to: string): void;
  /** Removes an empty folder in the folders. */
  removeEmptyFolder(path: string): void;
}

/**
 * Checks that folders are ours. Whoever takes steps in them looks that no folder above a path has become a link.
 * @throws NotRemovableError, now and for a path outside of them
 */
export function ownPlaces(...folders: readonly string[]): OwnPlaces {
  for (const folder of folders) requireOurs(folder);
  const requireInside = (path: string): void => {
    if (!folders.some((folder) => isStrictlyBelow(path, folder))) throw new NotRemovableError(path);
  };
  return {
    move(from, to) {
      requireInside(from);
      requireInside(to);
      renameSync(from, to);
    },
    removeEmptyFolder(path) {
      requireInside(path);
      rmdirSync(path);
    },
  };
}
