import { LockHeldError, withLock } from '@build-machines/machines';

/** How long to wait, in milliseconds, before saying so, and between looks at whether the wait was given up. */
const PATIENCE = 500;

/**
 * Does `work`, such as sending contents to one machine, while no other process does: the second one then finds most of
 * the work done. If the holder of a turn dies, the turn is taken over after 10 s.
 * @param file that stands for the machine or folder; a lock is made beside it.
 * @param work is told whether another process had the turn before.
 * @param options.onWait called once, when the wait is long enough to be noticed.
 * @throws the signal's reason when it is aborted before the turn comes.
 */
export async function inTurn<T>(
  file: string,
  work: (hasWaited: boolean) => Promise<T>,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait?: () => void },
): Promise<T> {
  let hasBegun = false;
  for (let looks = 0; ; looks++) {
    try {
      return await withLock(
        file,
        () => {
          signal.throwIfAborted();
          hasBegun = true;
          return work(looks > 0);
        },
        looks === 0 ? 0 : PATIENCE,
      );
    } catch (error) {
      if (hasBegun || !(error instanceof LockHeldError)) throw error;
    }
    signal.throwIfAborted();
    if (looks === 1) onWait?.();
  }
}
