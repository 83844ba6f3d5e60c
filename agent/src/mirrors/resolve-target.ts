import { symlinkStaysInside, type SyncRequest, type TreeEntry } from '@build-machines/protocol';
import { RequestMalformedError } from '../server/agent-error.js';
import { shareEntries } from './known-lists.js';
import { BaseMismatchError, PathRefusedError } from './mirror-errors.js';
import { ancestors } from './path-folders.js';
import { treeList, type TreeList } from './tree-list.js';

/** Longest name of one path segment, and longest path, in bytes, that Linux filesystems take (limits.h). */
const NAME_MAX = 255;
const PATH_MAX = 3072;

/** Lists that a request can build on. */
export interface RememberedLists {
  readonly digests: readonly string[];
  find(digest: string): TreeList | undefined;
}

/**
 * Turns a sync request (a difference, or everything) into the complete list of what the run shall see. From then on the
 * base does not matter any more: the request can wait behind other runs and still be applied.
 *
 * A request whose target is remembered is taken whatever its base: there is nothing to tell.
 * @throws BaseMismatchError, PathRefusedError, RequestMalformedError
 */
export function resolveTarget(sync: SyncRequest, remembered: RememberedLists): TreeList {
  for (const entry of sync.entries) checkEntry(entry);
  if (sync.base === null) {
    const [latest = ''] = remembered.digests;
    return checked(shareEntries(sync.entries, remembered.find(latest)?.entries ?? []), sync.target);
  }
  const known = remembered.find(sync.target);
  if (known !== undefined) return known;
  const base = remembered.find(sync.base);
  if (base === undefined) throw new BaseMismatchError(sync.base, remembered.digests);
  const entries = new Map<string, TreeEntry>(base.entries.map((entry) => [entry.path, entry]));
  for (const path of sync.removed) entries.delete(path);
  for (const entry of sync.entries) entries.set(entry.path, entry);
  return checked(treeList(entries.values()), sync.target);
}

function checked(list: TreeList, target: string): TreeList {
  checkShape(list.entries);
  if (list.digest !== target)
    throw new RequestMalformedError('the entries do not add up to the digest of the target tree.');
  return list;
}

function checkEntry(entry: TreeEntry): void {
  const { path } = entry;
  if (Buffer.byteLength(path) > PATH_MAX) throw new PathRefusedError(path, `it is longer than ${PATH_MAX} bytes.`);
  if (path.split('/').some((name) => Buffer.byteLength(name) > NAME_MAX))
    throw new PathRefusedError(path, `one of its names is longer than ${NAME_MAX} bytes.`);
  if (entry.kind === 'symlink' && !symlinkStaysInside(path, entry.target))
    throw new PathRefusedError(path, `its target ${JSON.stringify(entry.target)} leaves the workspace.`);
}

/** A tree in which a file or a link is also a folder would have to be written through that link. */
function checkShape(entries: readonly TreeEntry[]): void {
  const paths = new Set<string>();
  for (const { path } of entries) {
    if (paths.has(path)) throw new RequestMalformedError(`${JSON.stringify(path)} is listed twice.`);
    paths.add(path);
  }
  for (const path of paths) {
    const blocker = ancestors(path).find((folder) => paths.has(folder));
    if (blocker !== undefined) throw new PathRefusedError(path, `${JSON.stringify(blocker)} above it is not a folder.`);
  }
}
