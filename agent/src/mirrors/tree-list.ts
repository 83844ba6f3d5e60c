import { compareTreePaths, treeDigest, type TreeEntry } from '@build-machines/protocol';

/** A complete list of what a run sees. Never changed in place. */
export interface TreeList {
  readonly digest: string;
  /** In the order of {@link compareTreePaths}. */
  readonly entries: readonly TreeEntry[];
}

export function treeList(entries: Iterable<TreeEntry>): TreeList {
  const sorted = [...entries].sort(compareTreePaths);
  return { digest: treeDigest(sorted), entries: sorted };
}

/** Whether a list has a path. */
export function lists({ entries }: TreeList, path: string): boolean {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = entries[middle]?.path ?? '';
    if (found === path) return true;
    if (found < path) low = middle + 1;
    else high = middle;
  }
  return false;
}
