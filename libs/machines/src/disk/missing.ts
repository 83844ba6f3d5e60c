import { isErrno } from '@build-machines/owned-files';
import { readFile } from 'node:fs/promises';

export { isErrno as hasErrorCode } from '@build-machines/owned-files';

/** The text of a file, or undefined where there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
