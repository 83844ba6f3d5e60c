import type { Task } from '@nx/devkit';

/** Whether Nx puts the result of a task into its caches, where a run of the same hash will take it from. */
export function isKept({ cache }: Pick<Task, 'cache'>): boolean {
  return cache && process.env['NX_SKIP_NX_CACHE'] !== 'true';
}
