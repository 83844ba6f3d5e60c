import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expectTree, makeOwnFolder, removeFile, removeTree } from '@build-machines/owned-files';
import type { CacheStatistics } from '../api/runs.js';
import {
  CacheConflictError,
  CacheDiskFullError,
  CacheEntryTooLargeError,
  CacheMissError,
  CacheUploadCutError,
} from './cache-errors.js';
import type { CacheIndex } from './cache-index.js';

export interface CacheOptions {
  folder: string;
  index: CacheIndex;
  maxBytes: number;
  maxEntryBytes: number;
  now: () => number;
  /** Called when a record came or went. */
  onChange: () => void;
}

/**
 * The store behind Nx's remote cache. A record becomes visible whole, under its final name, or not at all; once there
 * it is never changed, only evicted. Records that were unused the longest go first when the cache is full.
 */
export class Cache {
  readonly #options: CacheOptions;
  #used = new Map<string, number>();
  #counts = { hits: 0, misses: 0, stores: 0 };

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** Makes the folder, and clears away what a crash left: uploads that never ended, files and records without the other. */
  async open(): Promise<void> {
    const { folder } = this.#options;
    expectTree(folder, { madeFor: 'the remote cache', isFormer: (name) => ['entries', 'incoming'].includes(name) });
    await makeOwnFolder(folder);
    await mkdir(this.#entries, { recursive: true, mode: 0o700 });
    await removeTree(this.#incoming);
    await mkdir(this.#incoming, { mode: 0o700 });
    const recorded = this.#options.index.hashes();
    for (const file of await readdir(this.#entries)) {
      if (!recorded.delete(file)) await removeFile(join(this.#entries, file));
    }
    this.#options.index.remove(recorded);
  }

  /** A record's content. @throws CacheMissError */
  async get(hash: string): Promise<{ content: Readable; size: number; sha256: string }> {
    const entry = this.#options.index.find(hash);
    const file = this.#file(hash);
    if (entry === undefined || (await sizeOf(file)) !== entry.size) {
      if (entry !== undefined) this.#options.index.remove([hash]);
      this.#counts.misses += 1;
      throw new CacheMissError(hash);
    }
    this.#counts.hits += 1;
    this.#used.set(hash, this.#options.now());
    return { content: createReadStream(file), size: entry.size, sha256: entry.sha256 };
  }

  /**
   * Stores a record.
   * @param length what the upload announced; anything else that arrives is refused and leaves nothing behind.
   * @param open gives the upload, once it is to be read; it is destroyed when storing fails.
   * @throws CacheConflictError, CacheEntryTooLargeError, CacheUploadCutError, CacheDiskFullError.
   */
  async put(hash: string, length: number, open: () => Readable, by: string): Promise<void> {
    const { index, maxBytes, maxEntryBytes, now } = this.#options;
    if (index.find(hash) !== undefined) throw new CacheConflictError(hash);
    const limit = Math.min(maxEntryBytes, maxBytes);
    if (length > limit) throw new CacheEntryTooLargeError(length, limit);
    const incoming = join(this.#incoming, randomUUID());
    try {
      const sha256 = await this.#receive(open(), length, incoming);
      await link(incoming, this.#file(hash));
      index.add({ hash, size: length, sha256 }, by, now());
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new CacheConflictError(hash);
      if (code === 'ENOSPC' || code === 'EDQUOT') throw new CacheDiskFullError(this.#options.folder, error);
      throw error;
    } finally {
      await removeFile(incoming);
    }
    this.#counts.stores += 1;
    await this.#evict();
    this.#options.onChange();
  }

  statistics(): CacheStatistics {
    this.flush();
    const { entries, bytes } = this.#options.index.total();
    return { entries, bytes, max_bytes: this.#options.maxBytes, days: this.#options.index.days(30) };
  }

  /** Writes down what was used and counted since the last time. */
  flush(): void {
    const { hits, misses, stores } = this.#counts;
    if (hits + misses + stores === 0) return;
    const [used, counts] = [this.#used, this.#counts];
    this.#used = new Map();
    this.#counts = { hits: 0, misses: 0, stores: 0 };
    this.#options.index.recordUse(used, new Date(this.#options.now()).toISOString().slice(0, 10), counts);
  }

  async #receive(content: Readable, length: number, file: string): Promise<string> {
    const digest = createHash('sha256');
    let received = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        received += chunk.length;
        digest.update(chunk);
        done(received > length ? new CacheUploadCutError(received, length) : null, chunk);
      },
    });
    try {
      await pipeline(content, measure, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const cut = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
      throw cut ? new CacheUploadCutError(received, length) : error;
    }
    if (received !== length) throw new CacheUploadCutError(received, length);
    const handle = await open(file, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    return digest.digest('hex');
  }

  async #evict(): Promise<void> {
    const { index, maxBytes } = this.#options;
    const excess = index.total().bytes - maxBytes;
    if (excess <= 0) return;
    this.flush();
    const victims = index.leastRecentlyUsed(excess);
    index.remove(victims.map(({ hash }) => hash));
    for (const { hash } of victims) await removeFile(this.#file(hash));
  }

  get #entries(): string {
    return join(this.#options.folder, 'entries');
  }

  get #incoming(): string {
    return join(this.#options.folder, 'incoming');
  }

  #file(hash: string): string {
    return join(this.#entries, hash);
  }
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch {
    return null; // Not there, or not readable: to the reader of a cache both are a miss.
  }
}
