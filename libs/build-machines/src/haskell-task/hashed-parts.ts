import { isLinksCommand } from '@build-machines/sources';
import type { Task } from '@nx/devkit';

/** What went into the hash of a task, by Nx's own names. */
export type HashedParts = Readonly<Record<string, string>>;

/**
 * The parts that Nx hashed to something else than they are now, of those that say what is sent or run. A user's `runtime`
 * inputs and environment variables are not among them: a command may print something new each time, and neither is sent.
 */
export function changedParts(task: Pick<Task, 'hashDetails'>, now: HashedParts): string[] {
  const before: HashedParts | undefined = task.hashDetails?.nodes;
  if (before === undefined) return [];
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => decidesWhatIsSent(name) && before[name] !== now[name]);
}

function decidesWhatIsSent(name: string): boolean {
  if (name.startsWith('runtime:')) return isLinksCommand(name);
  return !name.startsWith('env:');
}
