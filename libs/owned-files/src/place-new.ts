import { link, rename, unlink } from 'node:fs/promises';
import { isErrno, NO_LINKS } from './errno.js';
import { ForeignFileError } from './ownership-errors.js';

/**
 * Moves a file of ours to a name that must be free: unlike rename(2), link(2) replaces nothing.
 * @throws ForeignFileError when something is there.
 */
export async function placeNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) throw new ForeignFileError(to);
    // A file system without links; the caller has looked that nothing is there.
    if (!isErrno(error, ...NO_LINKS)) throw error;
    await rename(from, to);
    return;
  }
  await unlink(from);
}
