import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cutFile, removeFile } from '@build-machines/owned-files';

/** How much of a log is read at a time, in bytes. */
const READ_BYTES = 256 * 1024;

/** The logs of runs: one file each, appended to and read by byte offset. */
export class RunLogs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Creates the folder. Called once, before anything else. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Writes text at an offset and flushes it. What an earlier, unacknowledged append left beyond the offset is cut off,
   * so a log never holds a piece twice.
   */
  async write(id: string, offset: number, bytes: Buffer): Promise<void> {
    const file = await open(this.#path(id), 'a', 0o600);
    try {
      if ((await file.stat()).size !== offset) await cutFile(this.#path(id), offset);
      await file.appendFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** The bytes from an offset up to `end`, at most {@link READ_BYTES}; empty when there are none. */
  async read(id: string, offset: number, end: number): Promise<Buffer> {
    const length = Math.min(end - offset, READ_BYTES);
    if (length <= 0) return Buffer.alloc(0);
    const file = await open(this.#path(id), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async remove(id: string): Promise<void> {
    await removeFile(this.#path(id));
  }

  /** Bytes of all logs together. */
  async totalBytes(): Promise<number> {
    let bytes = 0;
    for (const name of await readdir(this.#folder)) bytes += (await stat(join(this.#folder, name))).size;
    return bytes;
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.log`);
  }
}
