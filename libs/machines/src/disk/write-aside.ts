import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensurePrivateFolder } from './private-folder.js';

/**
 * Replaces a file so that a reader sees the old content or the new one, never a part, also across a crash: written
 * beside it, flushed, renamed.
 * @param mode permission bits of the new file.
 * @param flush false for content that means nothing after a crash of the whole computer, such as process numbers: the
 * wait for the disk is left out.
 */
export async function writeAside(
  path: string,
  content: string | Buffer,
  mode: number,
  { flush = true }: { flush?: boolean } = {},
): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(aside, 'wx', mode);
    try {
      await file.writeFile(content);
      // open() is subject to the umask, which may only have taken bits away.
      await file.chmod(mode);
      if (flush) await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Writes a file of ours that only its owner may read (0600), in a folder that only its owner may enter (0700). */
export async function writePrivate(path: string, content: string | Buffer): Promise<void> {
  await ensurePrivateFolder(dirname(path));
  await writeAside(path, content, 0o600);
}
