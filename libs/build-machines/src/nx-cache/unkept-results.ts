import { ensureWorkspaceState, workspaceState } from '@build-machines/remote';
import type { Task } from '@nx/devkit';
import { writeAside } from '@build-machines/machines';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where executors, which are processes of their own, leave word for Nx's main process. */
function markOf(workspaceRoot: string, hash: string): string {
  return join(workspaceState(workspaceRoot).folder, 'not-kept', hash);
}

/** Notes that the result that a task has just produced is not the one for its hash. */
export async function markUnkept(workspaceRoot: string, hash: string): Promise<void> {
  const { folder } = await ensureWorkspaceState(workspaceRoot);
  mkdirSync(join(folder, 'not-kept'), { recursive: true, mode: 0o700 });
  await writeAside(markOf(workspaceRoot, hash), String(Date.now()), 0o600);
}

/** Whether a result for a hash was marked since a time, in milliseconds since 1970. */
function isMarkedSince(workspaceRoot: string, hash: string, since: number): boolean {
  try {
    return Number(readFileSync(markOf(workspaceRoot, hash), 'utf8')) >= since;
  } catch {
    return false; // No mark: the usual case.
  }
}

/** Tasks that were hashed before. */
const hashed = new WeakSet<Task>();

/**
 * Makes Nx keep a task's result only if nothing was marked since the task was hashed. Nx looks at `task.cache` right before
 * it puts a result into the caches, in the process in which it has had the task hashed, and offers no other say.
 *
 * A task that is hashed a second time has run already (Nx does so in a batch for what takes outputs of others in it). The
 * second hash is that of what the workspace holds after the run, so its result is not kept.
 */
export function keepOnlyIfAsHashed(task: Task, workspaceRoot: string): void {
  const again = hashed.has(task);
  hashed.add(task);
  const wanted = task.cache;
  const since = Date.now();
  Object.defineProperty(task, 'cache', {
    configurable: true,
    enumerable: true,
    get: () =>
      wanted === true && !again && !(task.hash !== undefined && isMarkedSince(workspaceRoot, task.hash, since)),
    set: (value: boolean | undefined) => {
      Object.defineProperty(task, 'cache', { configurable: true, enumerable: true, writable: true, value });
    },
  });
}
