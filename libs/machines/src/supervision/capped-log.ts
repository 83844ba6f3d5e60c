import { constants, closeSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { copyToOwn, cutFile } from '@build-machines/owned-files';
import { hasErrorCode } from '../disk/missing.js';

/** Size at which a log starts anew, in bytes. With the one old copy that is kept, a log takes twice that at most. */
export const LOG_CAP_BYTES = 4 * 1024 * 1024;

/**
 * Opens a log for a child to write to. Appending, so that every write lands at the end also after we cut it. The child
 * holds the file itself, not a pipe to us: it outlives its supervisor.
 * @returns a file descriptor, to be closed with {@link closeLog} once the child has it.
 */
export function openLog(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
}

export function closeLog(descriptor: number): void {
  closeSync(descriptor);
}

/** Starts a log anew when it has grown beyond the cap; the old content goes to `<path>.1`. */
export async function capLog(path: string, capBytes = LOG_CAP_BYTES): Promise<void> {
  try {
    if ((await stat(path)).size <= capBytes) return;
    await copyToOwn(path, `${path}.1`);
    // Lines written between the copy and this cut are lost, which a log may.
    await cutFile(path, 0);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}
