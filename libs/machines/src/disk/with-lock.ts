import { lock } from 'proper-lockfile';
import { BuildMachinesError } from '@build-machines/protocol';
import { hasErrorCode } from './missing.js';

/** Another process held a lock of ours for longer than we wait. */
export class LockHeldError extends BuildMachinesError {
  readonly code = 'lock-held';
}

/** How long a holder may be silent before its lock counts as left behind by a crash, in milliseconds. */
const STALE_MS = 10_000;

/**
 * Runs `action` while this process, alone on this computer, holds the lock of `path` (a folder `<path>.lock` beside it,
 * kept fresh while we run and taken over when its holder died). `path` need not exist.
 * @throws LockHeldError after `waitMs`.
 */
export async function withLock<T>(path: string, action: () => Promise<T>, waitMs = 30_000): Promise<T> {
  const release = await acquire(path, waitMs);
  try {
    return await action();
  } finally {
    await release();
  }
}

async function acquire(path: string, waitMs: number): Promise<() => Promise<void>> {
  const pause = 100;
  try {
    const release = await lock(path, {
      realpath: false,
      stale: STALE_MS,
      // The computer slept, and another process took the lock over as left behind. By itself this would end the process;
      // what the locks guard is replaced by renames, so the worst is that one of two changes is lost.
      onCompromised: () => undefined,
      retries: {
        retries: Math.ceil(waitMs / pause),
        factor: 1,
        minTimeout: pause / 2,
        maxTimeout: pause,
        randomize: true,
      },
    });
    return async () => {
      // A lock that was taken over is no longer ours to release.
      await release().catch((error: unknown) => {
        if (!hasErrorCode(error, 'ERELEASED', 'ENOTACQUIRED')) throw error;
      });
    };
  } catch (error) {
    if (!hasErrorCode(error, 'ELOCKED')) throw error;
    throw new LockHeldError(`${path} is in use by another process for more than ${waitMs / 1000} s`, {
      hint: `Wait for the other command to end. If there is none, remove the folder ${path}.lock.`,
      cause: error,
    });
  }
}
