import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from './errno.js';
import { makeOwnFolder } from './make-own-folder.js';

/**
 * Replaces a file that is ours, or that the user asked us to change, so that a reader sees the old content or the new
 * one, never a part, also across a crash: written beside it, flushed, renamed.
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
  const file = await open(aside, 'wx', mode);
  try {
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
    await unlink(aside).catch((left: unknown) => {
      if (!isErrno(left, 'ENOENT')) throw left;
    });
    throw error;
  }
}

/** Writes a file of ours that only its owner may read (0600), in a folder of ours. @throws what makeOwnFolder throws */
export async function writePrivate(path: string, content: string | Buffer): Promise<void> {
  await makeOwnFolder(dirname(path));
  await writeAside(path, content, 0o600);
}

/** {@link writeAside} at once and without a flush, for what can be computed again. */
export function writeAsideSync(path: string, content: string, mode: number): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(aside, content, { flag: 'wx', mode });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
