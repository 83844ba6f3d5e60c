import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { isErrno } from './errno.js';
import { OutsideError, PathUnusableError } from './ownership-errors.js';

/** The real path of something that may not exist: links are followed in the part that does. */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT') || dirname(path) === path) throw error;
  }
  const target = await readlink(path).catch(() => undefined);
  // A link to something that does not exist yet: whoever makes a folder there would make it at the link's target.
  if (target !== undefined) return realPathOf(resolve(dirname(path), target));
  return join(await realPathOf(dirname(path)), basename(path));
}

/**
 * The real path of a folder that may not exist.
 * @throws OutsideError when it is not strictly below `root`; PathUnusableError
 */
export async function realPathBelow(root: string, folder: string): Promise<string> {
  const realRoot = await realpath(root);
  const real = await realPathOf(folder).catch((error: unknown) => {
    throw new PathUnusableError(folder, error);
  });
  if (!isStrictlyBelow(real, realRoot)) throw new OutsideError(folder, real, root);
  return real;
}

/** Whether a path lies below a folder and is not the folder itself; by name only. */
export function isStrictlyBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}
