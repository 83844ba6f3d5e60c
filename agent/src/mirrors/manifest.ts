import { TreeEntry, WorkspaceIdentity, treeDigest, type SyncScope } from '@build-machines/protocol';
import { z } from 'zod';
import { scopeMatcher } from './scope-matcher.js';

/**
 * What the agent saw of a path right after it had written it. A difference later means that something else (a build)
 * touched the path. Decimal strings, since they exceed the safe integers of JSON.
 */
export const StoredStat = z.object({ size: z.string(), mtimeNs: z.string(), ctimeNs: z.string(), ino: z.string() });
export type StoredStat = z.infer<typeof StoredStat>;

export const StoredEntry = z.object({ entry: TreeEntry, stat: StoredStat });
export type StoredEntry = z.infer<typeof StoredEntry>;

/** `<mirror>/manifest.json`: all tracked paths, whatever scope they came with. */
export const ManifestFile = z.object({
  version: z.literal(1),
  workspace: WorkspaceIdentity,
  entries: z.array(StoredEntry),
});
export type ManifestFile = z.infer<typeof ManifestFile>;

/** The tracked entries of a mirror by path. Never changed in place: a sync makes a new one, so readers keep theirs. */
export type Manifest = ReadonlyMap<string, StoredEntry>;

export function manifestFromFile(file: ManifestFile): Manifest {
  return new Map(file.entries.map((stored) => [stored.entry.path, stored]));
}

/** Entries of a manifest that lie in a scope. */
export function entriesInScope(manifest: Manifest, inScope: (path: string) => boolean): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const [path, stored] of manifest) if (inScope(path)) entries.push(stored.entry);
  return entries;
}

/** Digests by manifest and scope: a manifest never changes, and consecutive runs mostly ask for the same scope. */
const digests = new WeakMap<Manifest, Map<string, string>>();

/** Digest of a manifest's part in a scope. */
export function scopeDigest(manifest: Manifest, scope: SyncScope): string {
  const known = digests.get(manifest) ?? new Map<string, string>();
  digests.set(manifest, known);
  const key = JSON.stringify(scope);
  const digest = known.get(key) ?? treeDigest(entriesInScope(manifest, scopeMatcher(scope)));
  known.set(key, digest);
  return digest;
}
