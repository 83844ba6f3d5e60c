import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyToOwn, moveOwn, removeFile } from '@build-machines/owned-files';
import { Sha256 } from '@build-machines/protocol';
import { hashFile } from '../content/hash-file.js';
import { isErrno } from '../durable/errno.js';

/**
 * Contents of artifacts by digest, each once however many runs made it: `<folder>/<first two digits>/<digest>`. Files are
 * never changed, only added (aside, then renamed) and removed by {@link ArtifactStore.collectGarbage}.
 */
export class ArtifactStore {
  #aside = 0;

  constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
  ) {}

  pathOf(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  async has(sha256: string): Promise<boolean> {
    try {
      return (await stat(this.pathOf(sha256))).isFile();
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  /**
   * Copies a file in (sharing its blocks where the filesystem can) and hashes the copy, so that the digest is that of the
   * stored bytes even if the file changes meanwhile.
   */
  async add(file: string): Promise<{ sha256: string; size: number }> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const aside = join(this.folder, `new-${process.pid}-${this.#aside++}`);
    try {
      await copyToOwn(file, aside);
      const sha256 = await hashFile(aside);
      const { size } = await stat(aside);
      await mkdir(join(this.folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 });
      await moveOwn(aside, this.pathOf(sha256));
      return { sha256, size };
    } finally {
      await removeFile(aside);
    }
  }

  /** Whether a content is there with the right bytes; a damaged one is removed. */
  async verify(sha256: string): Promise<boolean> {
    try {
      if ((await hashFile(this.pathOf(sha256))) === sha256) return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
    await removeFile(this.pathOf(sha256));
    return false;
  }

  /** Removes oldest contents until the store is within its size; those in `keep` stay even if it is not. */
  async collectGarbage(keep: ReadonlySet<string>): Promise<void> {
    const contents = await this.#list();
    let bytes = contents.reduce((sum, { size }) => sum + size, 0);
    for (const { sha256, size } of contents.sort((a, b) => a.madeAt - b.madeAt)) {
      if (bytes <= this.maxBytes) return;
      if (keep.has(sha256)) continue;
      await removeFile(this.pathOf(sha256));
      bytes -= size;
    }
  }

  /** Removes what an interrupted {@link ArtifactStore.add} left; for the start of the agent. */
  async removeAside(): Promise<void> {
    for (const name of await entries(this.folder))
      if (name.startsWith('new-')) await removeFile(join(this.folder, name));
  }

  async #list(): Promise<{ sha256: string; size: number; madeAt: number }[]> {
    const found: { sha256: string; size: number; madeAt: number }[] = [];
    for (const prefix of await entries(this.folder)) {
      if (prefix.length !== 2) continue;
      for (const sha256 of await entries(join(this.folder, prefix))) {
        if (!Sha256.safeParse(sha256).success) continue;
        const { size, mtimeMs } = await stat(this.pathOf(sha256));
        found.push({ sha256, size, madeAt: mtimeMs });
      }
    }
    return found;
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
