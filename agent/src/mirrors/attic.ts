import { mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { moveOwn, removeFile } from '@build-machines/owned-files';
import { Sha256 } from '@build-machines/protocol';
import { isErrno } from '../durable/errno.js';

/**
 * Contents that one user's mirrors held and hold no more, by digest, so that going back to a branch sends nothing. The
 * least recently used go first when the attic exceeds its size. A content is trusted only after its bytes were hashed
 * again by whoever uses it; the attic itself promises nothing.
 */
export class Attic {
  /** Digest → size, least recently used first. */
  readonly #contents = new Map<string, number>();
  #bytes = 0;

  private constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
  ) {}

  static async open(folder: string, maxBytes: number): Promise<Attic> {
    const attic = new Attic(folder, maxBytes);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const found: { sha256: string; size: number; usedAt: number }[] = [];
    for (const sha256 of await readdir(folder)) {
      if (!Sha256.safeParse(sha256).success) continue;
      const { size, mtimeMs } = await stat(join(folder, sha256));
      found.push({ sha256, size, usedAt: mtimeMs });
    }
    for (const { sha256, size } of found.sort((a, b) => a.usedAt - b.usedAt)) attic.#add(sha256, size);
    await attic.#shrink();
    return attic;
  }

  has(sha256: string): boolean {
    return this.#contents.has(sha256);
  }

  pathOf(sha256: string): string {
    return join(this.folder, sha256);
  }

  /** Takes a file over by renaming it; it must lie on the attic's filesystem. */
  async put(file: string, sha256: string): Promise<void> {
    const { size } = await stat(file);
    if (size > this.maxBytes) {
      await removeFile(file);
      return;
    }
    await moveOwn(file, this.pathOf(sha256));
    await this.touch(sha256, size);
    await this.#shrink();
  }

  /** Marks a content as just used. */
  async touch(sha256: string, size = this.#contents.get(sha256) ?? 0): Promise<void> {
    const now = new Date();
    await utimes(this.pathOf(sha256), now, now);
    this.#forget(sha256);
    this.#add(sha256, size);
  }

  /** Drops a content, for example because its bytes turned out not to be those of its digest. */
  async remove(sha256: string): Promise<void> {
    this.#forget(sha256);
    await removeFile(this.pathOf(sha256));
  }

  /** Drops the least recently used contents until `bytes` are free of them, or none is left; used when a disk is full. */
  async release(bytes: number): Promise<number> {
    let released = 0;
    for (const [sha256, size] of [...this.#contents]) {
      if (released >= bytes) break;
      await this.remove(sha256);
      released += size;
    }
    return released;
  }

  async #shrink(): Promise<void> {
    if (this.#bytes > this.maxBytes) await this.release(this.#bytes - this.maxBytes);
  }

  #add(sha256: string, size: number): void {
    this.#contents.set(sha256, size);
    this.#bytes += size;
  }

  #forget(sha256: string): void {
    const size = this.#contents.get(sha256);
    if (size === undefined) return;
    this.#contents.delete(sha256);
    this.#bytes -= size;
  }
}

/** Whether an error says that a content vanished between being looked up and being read. */
export function isVanished(error: unknown): boolean {
  return isErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'EISDIR');
}
