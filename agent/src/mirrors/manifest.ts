import { TreeEntry, WorkspaceIdentity } from '@build-machines/protocol';
import { z } from 'zod';

/**
 * What the agent saw of a path right after it had written it. A difference later means that something else (a build)
 * touched the path. Decimal strings, since they exceed the safe integers of JSON.
 */
export const StoredStat = z.object({ size: z.string(), mtimeNs: z.string(), ctimeNs: z.string(), ino: z.string() });
export type StoredStat = z.infer<typeof StoredStat>;

export const StoredEntry = z.object({ entry: TreeEntry, stat: StoredStat });
export type StoredEntry = z.infer<typeof StoredEntry>;

/** Version 1 tracked folders, too. */
const FormerFolder = z.object({ entry: z.object({ kind: z.literal('directory') }) });

/** `<mirror>/manifest.json`. */
export const ManifestFile = z.object({
  version: z.union([z.literal(1), z.literal(2)]),
  workspace: WorkspaceIdentity,
  entries: z.array(z.union([StoredEntry, FormerFolder])).describe('What was put into the tree.'),
  parked: z.array(StoredEntry).default([]).describe('What was taken out of it, and will be wanted again.'),
});
export type ManifestFile = z.infer<typeof ManifestFile>;

/** Tracked entries by path. Never changed in place: a sync makes a new one, so readers keep theirs. */
export type Manifest = ReadonlyMap<string, StoredEntry>;

/** What a mirror holds: each path is in its tree, parked, or neither. */
export interface Holdings {
  readonly tree: Manifest;
  readonly parked: Manifest;
}

export const NOTHING: Holdings = { tree: new Map(), parked: new Map() };

export function holdingsFromFile({ entries, parked }: ManifestFile): Holdings {
  const byPath = (stored: readonly StoredEntry[]): Manifest => new Map(stored.map((one) => [one.entry.path, one]));
  return { tree: byPath(entries.filter((one) => 'stat' in one)), parked: byPath(parked) };
}
