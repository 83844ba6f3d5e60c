import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeOwnFolder, removeFile, removeTree } from '@build-machines/owned-files';

/** A record that has arrived whole, in a file of its own. */
export interface SpooledRecord {
  readonly size: number;
  readonly sha256: string;
  read(): Readable;
  remove(): Promise<void>;
}

/** Folder in which records are kept while they pass through. */
export class Spool {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder, empty. */
  async open(): Promise<void> {
    await removeTree(this.#folder);
    await makeOwnFolder(this.#folder);
  }

  /**
   * Takes a stream to its end.
   * @throws whatever cut the stream; RangeError beyond `maxBytes`. Nothing is left behind then.
   */
  async receive(stream: Readable, maxBytes: number, signal: AbortSignal): Promise<SpooledRecord> {
    const file = join(this.#folder, randomUUID());
    const digest = createHash('sha256');
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        digest.update(chunk);
        done(size > maxBytes ? new RangeError(`more than ${maxBytes} bytes`) : null, chunk);
      },
    });
    try {
      await pipeline(stream, measure, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
    } catch (error) {
      await removeFile(file);
      throw error;
    }
    return {
      size,
      sha256: digest.digest('hex'),
      read: () => createReadStream(file),
      remove: () => removeFile(file),
    };
  }

  async remove(): Promise<void> {
    await removeTree(this.#folder);
  }
}
