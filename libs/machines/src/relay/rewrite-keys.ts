import { chmod, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode, readIfPresent } from '../disk/missing.js';
import { withLock } from '../disk/with-lock.js';
import { writeAside } from '../disk/write-aside.js';

/** Replaces the text of an authorized_keys file under a lock; one that is a symbolic link stays one. */
export async function rewriteKeys(path: string, change: (text: string) => string): Promise<void> {
  const file = await realpath(path).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return path;
    throw error;
  });
  await withLock(join(dirname(file), '.build-machines-keys'), async () => {
    const text = (await readIfPresent(file)) ?? '';
    const changed = change(text);
    if (changed === text) return;
    const mode = await stat(file).then(
      (found) => found.mode & 0o777,
      () => 0o600,
    );
    await writeAside(file, changed, mode);
    await chmod(file, mode);
  });
}
