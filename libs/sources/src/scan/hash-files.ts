import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FileStat, SourceDisk } from './source-disk.js';
import { nxHashOf, nxHashOfFile } from '../nx/content-hash.js';
import { UnreadableSourceError } from './source-errors.js';

/** Files read at a time: enough to keep a disk busy, far from any limit on open files. */
const PARALLEL = 16;

/** Up to this size, in bytes, a file is held in memory as a whole. */
export const WHOLE_FILE_LIMIT = 4 * 1024 * 1024;

/** Digest and size of what was read: of one and the same content, whatever stat said before. */
export interface HashedContent {
  readonly sha256: string;
  readonly size: number;
  /** Nx's hash of it, where that was wanted. */
  readonly nxHash?: string;
}

/**
 * Reads and hashes files, a bounded number at a time. A file that vanished is left out.
 * @throws UnreadableSourceError; the signal's reason when it is aborted.
 */
export async function hashFiles(
  workspaceRoot: string,
  files: Iterable<readonly [path: string, stat: FileStat]>,
  {
    disk,
    wantsNxHash,
    signal,
  }: { readonly disk: SourceDisk; readonly wantsNxHash: (path: string) => boolean; readonly signal?: AbortSignal },
): Promise<Map<string, HashedContent>> {
  const hashed = new Map<string, HashedContent>();
  const queue = files[Symbol.iterator]();
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      signal?.throwIfAborted();
      const [path, stat] = next.value;
      const content = await hashFile(disk, join(workspaceRoot, path), stat.size, wantsNxHash(path)).catch(
        (error: unknown) => absent(path, error),
      );
      if (content !== undefined) hashed.set(path, content);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return hashed;
}

/** A file that vanished meanwhile is left out. @throws UnreadableSourceError for any other reason. */
function absent(path: string, error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw new UnreadableSourceError(path, error);
}

async function hashFile(disk: SourceDisk, file: string, size: number, nx: boolean): Promise<HashedContent> {
  if (size > WHOLE_FILE_LIMIT) return hashLargeFile(disk, file, nx);
  const content = await disk.read(file);
  const hashed = { sha256: createHash('sha256').update(content).digest('hex'), size: content.length };
  if (!nx) return hashed;
  const nxHash = nxHashOf(content);
  return nxHash === undefined
    ? withHashOfFile(file, hashed, () => hashFile(disk, file, size, false))
    : { ...hashed, nxHash };
}

async function hashLargeFile(disk: SourceDisk, file: string, nx: boolean): Promise<HashedContent> {
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of disk.stream(file)) {
    hash.update(chunk as Buffer);
    read += (chunk as Buffer).length;
  }
  const hashed = { sha256: hash.digest('hex'), size: read };
  return nx ? withHashOfFile(file, hashed, () => hashLargeFile(disk, file, false)) : hashed;
}

/** Nx reads the file by itself here, so ours is read once more: both have seen one content only if nothing changed. */
async function withHashOfFile(
  file: string,
  before: HashedContent,
  again: () => Promise<HashedContent>,
): Promise<HashedContent> {
  const nxHash = nxHashOfFile(file);
  const after = await again();
  return after.sha256 === before.sha256 && nxHash !== undefined ? { ...before, nxHash } : after;
}
