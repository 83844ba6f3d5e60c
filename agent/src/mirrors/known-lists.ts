import type { TreeEntry } from '@build-machines/protocol';
import { lists, treeList, type TreeList } from './tree-list.js';

/** So many labels have their last list remembered: more tasks than a workspace has that are built alternately. */
const LABELS = 64;

/** So many entries all lists of a mirror may have together, a pointer each: what they point to is mostly shared. */
const ENTRIES = 4_000_000;

/**
 * The lists that a mirror's last commands asked for, by label, for requests to build on, and to tell which files will be
 * wanted again. In memory alone: after a restart a request is larger once.
 */
export class KnownLists {
  /** Least recently used first. */
  readonly #byLabel = new Map<string, TreeList>();

  /** Digests, the latest first. */
  get digests(): string[] {
    return [...new Set([...this.#byLabel.values()].reverse().map(({ digest }) => digest))];
  }

  find(digest: string): TreeList | undefined {
    for (const list of this.#byLabel.values()) if (list.digest === digest) return list;
    return undefined;
  }

  /** Whether a list has a path. */
  need(path: string): boolean {
    for (const list of this.#byLabel.values()) if (lists(list, path)) return true;
    return false;
  }

  /** Remembers a list in place of the label's last. @returns paths that no list may have any more. */
  remember(label: string, list: TreeList): string[] {
    const dropped: TreeList[] = [];
    const drop = (of: string): void => {
      const last = this.#byLabel.get(of);
      if (last !== undefined) dropped.push(last);
      this.#byLabel.delete(of);
    };
    drop(label);
    this.#byLabel.set(label, list);
    for (const oldest of [...this.#byLabel.keys()]) {
      const size = [...this.#byLabel.values()].reduce((sum, { entries }) => sum + entries.length, 0);
      if (oldest === label || (this.#byLabel.size <= LABELS && size <= ENTRIES)) break;
      drop(oldest);
    }
    return dropped.filter(({ digest }) => digest !== list.digest).flatMap((old) => missingIn(list, old));
  }
}

/** Paths of a list that another does not have; both are in order. */
function missingIn(list: TreeList, old: TreeList): string[] {
  const missing: string[] = [];
  let at = 0;
  for (const { path } of old.entries) {
    while (at < list.entries.length && (list.entries[at]?.path ?? '') < path) at++;
    if (list.entries[at]?.path !== path) missing.push(path);
  }
  return missing;
}

/** Entries with those that are the same in a known list replaced by its own, so that memory holds them once. */
export function shareEntries(entries: readonly TreeEntry[], known: readonly TreeEntry[]): TreeList {
  const byPath = new Map(known.map((entry) => [entry.path, entry]));
  return treeList(entries.map((entry) => sameEntry(byPath.get(entry.path), entry) ?? entry));
}

function sameEntry(known: TreeEntry | undefined, entry: TreeEntry): TreeEntry | undefined {
  return known !== undefined && JSON.stringify(known) === JSON.stringify(entry) ? known : undefined;
}
