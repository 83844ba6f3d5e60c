import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './errno.js';
import { isReservedPath, readMarker } from './marker.js';

/**
 * Whether something is at a path that is not ours: a file or link, a folder with contents but without our marker, or one
 * with our marker that holds more than the files and folders it lists.
 */
export async function hasForeignContents(path: string): Promise<boolean> {
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
      if (isReservedPath(name)) continue;
      if (entry.isDirectory() ? !folders.has(name) || (await look(name)) : !entry.isFile() || !files.has(name))
        return true;
    }
    return false;
  };
  return look('');
}
