import { LockHeldError, withLock } from '@build-machines/machines';

/** How long to wait for another process, in milliseconds: its turn takes a few. */
const PATIENCE = 5_000;

/**
 * Runs `work` while no other process of this user works on the same file. When the lock cannot be had in 5 s, `work`
 * runs all the same: what these locks guard is only known to save work, every use of it is checked at the other end.
 */
export async function withStateLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  let hasBegun = false;
  try {
    return await withLock(
      file,
      () => {
        hasBegun = true;
        return work();
      },
      PATIENCE,
    );
  } catch (error) {
    if (hasBegun || !(error instanceof LockHeldError)) throw error;
    return work();
  }
}
