import type { ProjectGraph, Task } from '@nx/devkit';

/** Whether a value of the option `accept` asks for files. */
export function isAccepting(accept: unknown): boolean {
  return accept !== undefined && accept !== false && accept !== 'false';
}

/**
 * Takes a task out of Nx's caches that is to bring files home: an answer from a cache brings none, and its own result is
 * that of sources which it changes. Nx looks at `cache` after it has had the task hashed.
 */
export function neverCacheAccepting(task: Task, graph: ProjectGraph): void {
  const { project, target } = task.target;
  const options = graph.nodes[project]?.data.targets?.[target]?.options as Record<string, unknown> | undefined;
  const overrides = task.overrides as Record<string, unknown>;
  if (isAccepting(overrides['accept'] ?? options?.['accept'])) task.cache = false;
}
