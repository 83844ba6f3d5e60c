import type { TaskGraph } from '@nx/devkit';

/** The tasks of a run that need a task, directly or through others, sorted: Nx does not run them when it fails. */
export function dependentsOf(taskId: string, { dependencies }: Pick<TaskGraph, 'dependencies'>): string[] {
  const found = new Set<string>();
  const pending = [taskId];
  for (let needed = pending.pop(); needed !== undefined; needed = pending.pop()) {
    for (const [task, needs] of Object.entries(dependencies)) {
      if (found.has(task) || task === taskId || !needs.includes(needed)) continue;
      found.add(task);
      pending.push(task);
    }
  }
  return [...found].sort();
}
