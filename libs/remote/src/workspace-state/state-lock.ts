import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';

/** How long to wait for another process, in milliseconds: its turn takes a few. */
const PATIENCE = 5_000;

/**
 * Runs `work` while no other process of this user works on the same file. When the lock cannot be had in 5 s, `work`
 * runs all the same: what these locks guard is only known to save work, every use of it is checked at the other end.
 */
export async function withStateLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const release = await acquire(file);
  try {
    return await work();
  } finally {
    await release?.();
  }
}

async function acquire(file: string): Promise<(() => Promise<void>) | undefined> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      const release = await lock(file, { realpath: false, stale: 5_000, onCompromised: () => undefined });
      return async () => {
        // A lock that was taken over as stale is no longer ours to release.
        await release().catch(() => undefined);
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (Date.now() > deadline) return undefined;
      await sleep(10 + Math.random() * 20);
    }
  }
}
