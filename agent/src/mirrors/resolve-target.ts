import { symlinkStaysInside, treeDigest, type SyncRequest, type TreeEntry } from '@build-machines/protocol';
import { RequestMalformedError } from '../server/agent-error.js';
import { entriesInScope, scopeDigest, type Manifest } from './manifest.js';
import { BaseMismatchError, PathRefusedError } from './mirror-errors.js';
import { ancestors, scopeMatcher } from './scope-matcher.js';

/** Longest name of one path segment, and longest path, in bytes, that Linux filesystems take (limits.h). */
const NAME_MAX = 255;
const PATH_MAX = 3072;

/**
 * Turns a sync request (a difference, or everything) into the complete list of entries that the scope shall hold. From
 * then on the base does not matter any more: the request can wait behind other runs and still be applied.
 *
 * A request whose target the mirror already holds is taken whatever its base: there is nothing to do.
 * @param manifest null when there is no mirror yet.
 * @throws BaseMismatchError, PathRefusedError, RequestMalformedError
 */
export function resolveTarget(sync: SyncRequest, manifest: Manifest | null): TreeEntry[] {
  const inScope = scopeMatcher(sync.scope);
  for (const entry of sync.entries) checkEntry(entry, inScope);
  if (sync.base !== null) {
    const have = manifest === null ? null : scopeDigest(manifest, sync.scope);
    if (have !== sync.base && have !== sync.target) throw new BaseMismatchError(sync.base, have);
    if (manifest !== null && have === sync.target) return entriesInScope(manifest, inScope);
  }
  const entries = new Map<string, TreeEntry>();
  if (sync.base !== null && manifest !== null) {
    for (const entry of entriesInScope(manifest, inScope)) entries.set(entry.path, entry);
    for (const path of sync.removed) {
      if (!inScope(path)) throw new PathRefusedError(path, 'it is to be removed, but lies outside the scope.');
      entries.delete(path);
    }
  }
  for (const entry of sync.entries) entries.set(entry.path, entry);
  const target = [...entries.values()];
  checkShape(entries);
  if (treeDigest(target) !== sync.target)
    throw new RequestMalformedError('the entries do not add up to the digest of the target tree.');
  return target;
}

function checkEntry(entry: TreeEntry, inScope: (path: string) => boolean): void {
  const { path } = entry;
  if (!inScope(path)) throw new PathRefusedError(path, 'it lies outside the scope of the request.');
  if (Buffer.byteLength(path) > PATH_MAX) throw new PathRefusedError(path, `it is longer than ${PATH_MAX} bytes.`);
  if (path.split('/').some((name) => Buffer.byteLength(name) > NAME_MAX))
    throw new PathRefusedError(path, `one of its names is longer than ${NAME_MAX} bytes.`);
  if (entry.kind === 'symlink' && !symlinkStaysInside(path, entry.target))
    throw new PathRefusedError(path, `its target ${JSON.stringify(entry.target)} leaves the workspace.`);
}

/** A tree in which a file or a link is also a folder would have to be written through that link. */
function checkShape(entries: ReadonlyMap<string, TreeEntry>): void {
  for (const path of entries.keys()) {
    const blocker = ancestors(path).find((folder) => (entries.get(folder)?.kind ?? 'directory') !== 'directory');
    if (blocker !== undefined) throw new PathRefusedError(path, `${JSON.stringify(blocker)} above it is not a folder.`);
  }
}
