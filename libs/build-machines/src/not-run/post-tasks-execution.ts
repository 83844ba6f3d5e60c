import { BuildMachinesError } from '@build-machines/protocol';
import type { PostTasksExecution, PostTasksExecutionContext } from '@nx/devkit';
import { stripVTControlCharacters } from 'node:util';
import { tasksNotRun } from './not-run-line.js';

/**
 * Lets a run of Nx in which a task of ours failed end with 1. Nx itself ends with 130, as after Ctrl-C, when the failure
 * kept other tasks from running: it misses their results. See docs/decisions/0062-no-task-is-skipped.md.
 */
export const postTasksExecution: PostTasksExecution<unknown> = (_options, context) => {
  const error = whatDidNotRun(context);
  return error === undefined ? Promise.resolve() : Promise.reject(error);
};

/** The error for a run that failures of ours cut short; undefined for one that is complete, or was interrupted. */
export function whatDidNotRun({
  taskResults,
}: Pick<PostTasksExecutionContext, 'taskResults'>): TasksNotRunError | undefined {
  const results = Object.values(taskResults);
  if (results.some(({ status }) => status === 'stopped')) return undefined;
  for (const { task, status, terminalOutput } of results) {
    if (status !== 'failure') continue;
    const named = tasksNotRun(task.id, stripVTControlCharacters(terminalOutput ?? ''));
    const missing = named.filter((id) => taskResults[id] === undefined);
    if (missing.length > 0) return new TasksNotRunError(task.id, missing);
  }
  return undefined;
}

/** A task failed, so others that need it did not run. The failed task's own output says why it failed. */
export class TasksNotRunError extends BuildMachinesError {
  readonly code = 'tasks-not-run';
  constructor(failed: string, missing: readonly string[]) {
    super(`${failed} failed, so Nx did not run ${missing.join(', ')}.`, {
      hint: 'The output of the failed task says why.',
    });
    // Nx prints an error's first line, and offers the stack where there is one: this is no fault in a program.
    this.stack = '';
  }
}
