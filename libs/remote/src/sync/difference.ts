import type { FileEntry, TreeEntry } from '@build-machines/protocol';

/** What leads from one tree to another, in the form that the wire has. */
export interface TreeDifference {
  /** Entries of the target that the base has not, or has otherwise. */
  readonly entries: readonly TreeEntry[];
  /** Paths of the base that the target has not. */
  readonly removed: readonly string[];
}

/** The difference from `base` to `target`. A change of kind is an entry; what was below a former folder is removed. */
export function difference(base: readonly TreeEntry[], target: readonly TreeEntry[]): TreeDifference {
  const before = new Map(base.map((entry) => [entry.path, entry]));
  const after = new Set(target.map(({ path }) => path));
  return {
    entries: target.filter((entry) => !isSame(before.get(entry.path), entry)),
    removed: base.filter(({ path }) => !after.has(path)).map(({ path }) => path),
  };
}

function isSame(a: TreeEntry | undefined, b: TreeEntry): boolean {
  if (a === undefined) return false;
  switch (b.kind) {
    case 'file':
      return a.kind === 'file' && a.sha256 === b.sha256 && a.mode === b.mode;
    case 'symlink':
      return a.kind === 'symlink' && a.target === b.target;
  }
}

/** One file for each distinct content among `entries` that is not in `have`. */
export function contentsOf(entries: readonly TreeEntry[], have: ReadonlySet<string>): FileEntry[] {
  const chosen = new Map<string, FileEntry>();
  for (const entry of entries)
    if (entry.kind === 'file' && !have.has(entry.sha256) && !chosen.has(entry.sha256)) chosen.set(entry.sha256, entry);
  return [...chosen.values()];
}

/** The digests of all files among entries. */
export function digestsOf(entries: readonly TreeEntry[]): Set<string> {
  return new Set(entries.flatMap((entry) => (entry.kind === 'file' ? [entry.sha256] : [])));
}
