import type { SyncScope } from '@build-machines/protocol';
import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** Saves this close together are one: editors write, rename and touch. Milliseconds. */
const SETTLE_MS = 100;

/** A watch that is under way. */
export interface Watching {
  /** Rejects when the watching or a reaction failed; never resolves. */
  readonly failed: Promise<never>;
  close(): void;
}

/**
 * Calls `react` after something in the scope changed, one call at a time; changes during a call lead to one more. What
 * changed is not said: the reaction scans, and a scan knows better than file system events do.
 */
export function watchSources(workspaceRoot: string, scope: SyncScope, react: () => Promise<void>): Watching {
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined); // Whoever races it hears of it; nobody else has to.

  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await react();
      } while (again);
    } catch (error) {
      fail(error);
    } finally {
      running = false;
    }
  };
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), SETTLE_MS);
  };
  for (const path of [...scope.roots, ...scope.files]) {
    const recursive = scope.roots.includes(path);
    const watcher = watch(join(workspaceRoot, path), { recursive });
    watcher.on('change', changed).on('error', fail);
    watchers.push(watcher);
  }
  return {
    failed,
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
