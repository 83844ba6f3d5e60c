import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isErrno, isSystemError } from './errno.js';
import { isPassing, MARKER_NAME, readMarker } from './marker.js';
import { realPathOf } from './real-path.js';

/**
 * Whether somebody who removes a path below `root` with all that is in it, as Nx does, would remove something that is not
 * ours: a file, a folder with contents but without our marker, one with our marker that holds more than the files and
 * folders it lists, or a symbolic link on the way. What cannot be looked at is not ours.
 */
export async function hasForeignContents(root: string, path: string): Promise<boolean> {
  try {
    const real = join(await realpath(root), relative(root, path));
    return (await realPathOf(path)) !== real || (await isForeign(path));
  } catch (error) {
    if (isSystemError(error)) return true;
    throw error;
  }
}

async function isForeign(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (found === undefined) return false;
  if (!found.isDirectory()) return true;
  const marker = await readMarker(path);
  if (marker === 'damaged') return true;
  const files = new Set(marker?.files);
  const folders = new Set(marker?.folders);
  const look = async (folder: string): Promise<boolean> => {
    for (const entry of await readdir(join(path, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (name === MARKER_NAME || (folder === '' && isPassing(name))) continue;
      if (entry.isDirectory() ? !folders.has(name) || (await look(name)) : !entry.isFile() || !files.has(name))
        return true;
    }
    return false;
  };
  return look('');
}
