import { compareTreePaths, treeDigest, type TreeEntry } from '@build-machines/protocol';
import { ensureWorkspaceState } from '../workspace-state/workspace-state.js';
import { fileSystemNow } from './file-system-clock.js';
import { hashFiles, type HashedContent } from './hash-files.js';
import { sourceFiles, type SourceFiles } from './source-files.js';
import { knownDigest, readStatCache, updateStatCache, type HashedFile, type StatCache } from './stat-cache.js';
import { isInScope, type SyncScope } from './sync-scope.js';
import { walkScope, type FoundTree } from './walk.js';

/** What a scope of a workspace holds at one moment. */
export interface Scan {
  readonly scope: SyncScope;
  /** In the order of {@link compareTreePaths}. */
  readonly entries: readonly TreeEntry[];
  /** {@link treeDigest} of the entries. */
  readonly digest: string;
  /** Roots of the scope that do not exist. */
  readonly missingRoots: readonly string[];
  /** Files seen, and those of them that had to be read. */
  readonly filesScanned: number;
  readonly filesHashed: number;
}

/**
 * Takes stock of a scope. Costs one stat per file, and one read per file that changed since any earlier scan by any
 * process.
 * @throws the classes in sync-errors.ts; the signal's reason when it is aborted.
 */
export async function scanScope(
  workspaceRoot: string,
  scope: SyncScope,
  { signal, disk = sourceFiles }: { readonly signal?: AbortSignal; readonly disk?: SourceFiles } = {},
): Promise<Scan> {
  const { folder, statCacheFile } = await ensureWorkspaceState(workspaceRoot);
  const hashedAtNs = await fileSystemNow(folder);
  const cache = await readStatCache(statCacheFile);
  const found = await walkScope(workspaceRoot, scope, { disk, signal });
  const unknown = [...found.files].filter(([path, stat]) => knownDigest(cache, path, stat) === undefined);
  const hashed = await hashFiles(workspaceRoot, unknown, { disk, signal });
  const isGone = (path: string) => isInScope(scope, path) && !found.files.has(path);
  if (hashed.size > 0 || [...cache.keys()].some(isGone))
    await updateStatCache(statCacheFile, learned(found, hashed, hashedAtNs), isGone);
  const entries = toEntries(found, hashed, cache);
  return {
    scope,
    entries,
    digest: treeDigest(entries),
    missingRoots: found.missingRoots,
    filesScanned: found.files.size,
    filesHashed: hashed.size,
  };
}

function toEntries(found: FoundTree, hashed: ReadonlyMap<string, HashedContent>, cache: StatCache): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const [path, { mode }] of found.files) {
    // What was neither hashed now nor known had vanished when it was to be read.
    const content = hashed.get(path) ?? cache.get(path);
    if (content !== undefined) entries.push({ kind: 'file', path, size: content.size, sha256: content.sha256, mode });
  }
  for (const [path, target] of found.symlinks) entries.push({ kind: 'symlink', path, target });
  return entries.sort(compareTreePaths);
}

function learned(
  found: FoundTree,
  hashed: ReadonlyMap<string, HashedContent>,
  hashedAtNs: bigint,
): Map<string, HashedFile> {
  const entries = new Map<string, HashedFile>();
  for (const [path, { sha256, size }] of hashed) {
    const stat = found.files.get(path);
    // A size that differs from stat's belongs to a later content: nothing is known of that one's stat data.
    if (stat?.size === size) entries.set(path, { ...stat, sha256, hashedAtNs });
  }
  return entries;
}
