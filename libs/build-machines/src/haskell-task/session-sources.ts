import type { ListSources } from '@build-machines/remote';
import type { TaskPlanner } from '@build-machines/sources';
import type { ExecutorContext } from '@nx/devkit';
import type { ResolvedProject } from './resolve-task.js';
import type { RunConsole } from './run-console.js';
import { nxTask } from './run-single.js';
import { sourcesOf } from './run-tasks.js';
import { TaskSources } from './task-sources.js';

/** What a session's target needs of the workspace. Its result is not cached, so it may change at any time. */
export function sessionSources(
  context: ExecutorContext,
  project: ResolvedProject,
  planner: TaskPlanner,
  console: Pick<RunConsole, 'note'>,
): ListSources {
  const task = { task: nxTask(context), env: process.env, isKept: false };
  return new TaskSources([sourcesOf(task, project)], planner, (text) => {
    console.note(text);
  }).list;
}
