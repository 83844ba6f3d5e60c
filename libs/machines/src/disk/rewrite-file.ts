import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode, readIfPresent } from './missing.js';
import { withLock } from './with-lock.js';
import { writeAside } from './write-aside.js';

/**
 * Replaces the text of a file that is the user's as well as ours, under a lock beside it. It keeps its mode (0600 where it
 * is new); one that is a symbolic link, into someone's dotfiles, stays one.
 * @param lock name of what is locked, in the file's folder.
 * @returns whether the text changed.
 */
export async function rewriteFile(path: string, lock: string, change: (text: string) => string): Promise<boolean> {
  const file = await realpath(path).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return path;
    throw error;
  });
  return withLock(join(dirname(file), lock), async () => {
    const text = (await readIfPresent(file)) ?? '';
    const changed = change(text);
    if (changed === text) return false;
    const mode = await stat(file).then(
      (found) => found.mode & 0o777,
      () => 0o600,
    );
    await writeAside(file, changed, mode);
    return true;
  });
}
