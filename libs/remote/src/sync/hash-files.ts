import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FileStat, SourceFiles } from './source-files.js';
import { UnreadableSourceError } from './sync-errors.js';

/** Files read at a time: enough to keep a disk busy, far from any limit on open files. */
const PARALLEL = 16;

/** Up to this size, in bytes, a file is held in memory as a whole. */
export const WHOLE_FILE_LIMIT = 4 * 1024 * 1024;

/** Digest and size of what was read: of one and the same content, whatever stat said before. */
export interface HashedContent {
  readonly sha256: string;
  readonly size: number;
}

/**
 * Reads and hashes files, a bounded number at a time. A file that vanished is left out.
 * @throws UnreadableSourceError; the signal's reason when it is aborted.
 */
export async function hashFiles(
  workspaceRoot: string,
  files: Iterable<readonly [path: string, stat: FileStat]>,
  { disk, signal }: { readonly disk: SourceFiles; readonly signal?: AbortSignal },
): Promise<Map<string, HashedContent>> {
  const hashed = new Map<string, HashedContent>();
  const queue = files[Symbol.iterator]();
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      signal?.throwIfAborted();
      const [path, stat] = next.value;
      const content = await hashFile(disk, workspaceRoot, path, stat.size);
      if (content !== undefined) hashed.set(path, content);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return hashed;
}

async function hashFile(
  disk: SourceFiles,
  workspaceRoot: string,
  path: string,
  size: number,
): Promise<HashedContent | undefined> {
  const absolute = join(workspaceRoot, path);
  const hash = createHash('sha256');
  try {
    if (size <= WHOLE_FILE_LIMIT) {
      const content = await disk.read(absolute);
      return { sha256: hash.update(content).digest('hex'), size: content.length };
    }
    let read = 0;
    for await (const chunk of disk.stream(absolute)) {
      hash.update(chunk as Buffer);
      read += (chunk as Buffer).length;
    }
    return { sha256: hash.digest('hex'), size: read };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UnreadableSourceError(path, error);
  }
}
