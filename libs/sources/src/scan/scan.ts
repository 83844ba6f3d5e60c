import { compareTreePaths, treeDigest, type TreeEntry } from '@build-machines/protocol';
import type { SourceList } from '../source-list.js';
import { fileSystemNow } from './file-system-clock.js';
import { hashFiles, type HashedContent } from './hash-files.js';
import { sourceDisk, type FileStat, type SourceDisk } from './source-disk.js';
import { knownContent, readStatCache, updateStatCache, type HashedFile, type StatCache } from './stat-cache.js';
import { requireSendable, sendableLinks } from './sendable.js';
import { UnreadableSourceError } from './source-errors.js';

/** What the files of a list hold at one moment. */
export interface Scan {
  readonly list: SourceList;
  /** In the order of {@link compareTreePaths}. */
  readonly entries: readonly TreeEntry[];
  /** {@link treeDigest} of the entries. */
  readonly digest: string;
  /** Nx's hash of what was read, for each file that the list has one for. */
  readonly nxHashes: ReadonlyMap<string, string>;
  /** Files seen, and those of them that had to be read. */
  readonly filesScanned: number;
  readonly filesHashed: number;
}

/** Where a scan keeps what it learns. */
export interface ScanState {
  /** Folder on the file system of the workspace that the scan may write to. */
  readonly folder: string;
  readonly statCacheFile: string;
}

/**
 * Reads what the files of a list hold. Costs one stat per file, and one read per file that changed since any earlier scan
 * by any process. What vanished meanwhile counts as not there.
 * @throws the classes in source-errors.ts; the signal's reason when it is aborted.
 */
export async function scanSources(
  workspaceRoot: string,
  list: SourceList,
  state: ScanState,
  { signal, disk = sourceDisk }: { readonly signal?: AbortSignal; readonly disk?: SourceDisk } = {},
): Promise<Scan> {
  requireSendable(list.files);
  const hashedAtNs = await fileSystemNow(state.folder);
  const cache = await readStatCache(state.statCacheFile);
  const found = statAll(workspaceRoot, list.files, disk, signal);
  const unknown = [...found].filter(
    ([path, stat]) => knownContent(cache, path, stat, list.hashes.has(path)) === undefined,
  );
  const wantsNxHash = (path: string): boolean => list.hashes.has(path);
  const hashed = await hashFiles(workspaceRoot, unknown, { disk, wantsNxHash, signal });
  const listed = new Set(list.files);
  const isGone = (path: string): boolean => listed.has(path) && !found.has(path);
  if (hashed.size > 0 || [...cache.keys()].some(isGone))
    await updateStatCache(state.statCacheFile, learned(found, hashed, hashedAtNs), isGone);
  const contentOf = (path: string): HashedContent | undefined => hashed.get(path) ?? cache.get(path);
  const entries = toEntries(list, found, contentOf);
  return {
    list,
    entries,
    digest: treeDigest(entries),
    nxHashes: new Map(
      [...found.keys()].flatMap((path) => {
        const nxHash = contentOf(path)?.nxHash;
        return nxHash === undefined || !list.hashes.has(path) ? [] : [[path, nxHash]];
      }),
    ),
    filesScanned: found.size,
    filesHashed: hashed.size,
  };
}

function statAll(
  workspaceRoot: string,
  paths: readonly string[],
  disk: SourceDisk,
  signal: AbortSignal | undefined,
): Map<string, FileStat> {
  const found = new Map<string, FileStat>();
  for (const path of paths) {
    signal?.throwIfAborted();
    try {
      const stat = disk.stat(`${workspaceRoot}/${path}`);
      if (stat !== undefined) found.set(path, stat);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new UnreadableSourceError(path, error);
    }
  }
  return found;
}

function toEntries(
  list: SourceList,
  found: ReadonlyMap<string, FileStat>,
  contentOf: (path: string) => HashedContent | undefined,
): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const path of found.keys()) {
    // What was neither hashed now nor known had vanished when it was to be read.
    const content = contentOf(path);
    if (content === undefined) continue;
    const { size, sha256 } = content;
    // Only the owner's right to execute is an input, so only that is sent.
    entries.push({ kind: 'file', path, size, sha256, mode: list.executables.has(path) ? 0o755 : 0o644 });
  }
  for (const [path, target] of sendableLinks(list.links)) entries.push({ kind: 'symlink', path, target });
  return entries.sort(compareTreePaths);
}

function learned(
  found: ReadonlyMap<string, FileStat>,
  hashed: ReadonlyMap<string, HashedContent>,
  hashedAtNs: bigint,
): Map<string, HashedFile> {
  const entries = new Map<string, HashedFile>();
  for (const [path, { sha256, size, nxHash }] of hashed) {
    const stat = found.get(path);
    // A size that differs from stat's belongs to a later content: nothing is known of that one's stat data.
    if (stat?.size === size) entries.set(path, { ...stat, sha256, nxHash, hashedAtNs });
  }
  return entries;
}
