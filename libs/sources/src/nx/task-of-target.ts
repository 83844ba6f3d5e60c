import type { Task } from '@nx/devkit';
import { nxInternals } from './nx-internals.js';
import type { NxState } from './task-planner.js';

/** The task of a target, as the command has it, or by itself. */
export function taskFor(
  { project, target, configuration }: { project: string; target: string; configuration?: string },
  { projectGraph, taskGraph }: NxState,
): Task {
  const known = Object.values(taskGraph?.tasks ?? {}).find(
    ({ target: of }) =>
      of.project === project && of.target === target && sameConfiguration(of.configuration, configuration),
  );
  if (known !== undefined) return known;
  const alone = nxInternals().createTaskGraph(projectGraph, {}, [project], [target], configuration, {});
  const task = Object.values(alone.tasks).find(({ target: of }) => of.project === project && of.target === target);
  if (task === undefined) throw new Error(`Nx knows no task ${project}:${target}`);
  return task;
}

function sameConfiguration(actual: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || actual === wanted;
}
