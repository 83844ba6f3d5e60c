import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { getTaskSpecificEnv } from 'nx/src/tasks-runner/task-env';
import { formatError } from '../reporting/report-error.js';
import { abortOnSignals } from '../reporting/run-executor.js';
import { runTasks, type TaskRequest } from './run-tasks.js';
import type { CabalTaskKind } from './task-groups.js';

/** One result of a batch, in the form that Nx reads. */
export interface BatchItem {
  readonly task: string;
  readonly result: {
    readonly success: boolean;
    readonly status: 'success' | 'failure' | 'skipped';
    readonly terminalOutput: string;
    readonly startTime: number;
    readonly endTime: number;
  };
}

/**
 * Body of the batch executors. Yields a result for every task, whatever happens: Nx would schedule a task without one
 * again for ever, and a throw would end the worker and fail all of them without a word.
 */
export async function* runBatch<O>(
  kind: CabalTaskKind,
  taskGraph: TaskGraph,
  options: Readonly<Record<string, O>>,
  surroundings: {
    readonly parse: (options: O | undefined) => TaskRequest['options'];
    readonly overrides: Readonly<Record<string, unknown>>;
    readonly context: ExecutorContext;
  },
): AsyncGenerator<BatchItem> {
  const { parse, overrides, context } = surroundings;
  const startTime = Date.now();
  const pending = new Set(Object.keys(taskGraph.tasks));
  const { signal, release } = abortOnSignals();
  const item = (
    task: string,
    status: BatchItem['result']['status'],
    terminalOutput: string,
    time = { start: startTime, end: Date.now() },
  ): BatchItem => {
    pending.delete(task);
    const { start, end } = time;
    return { task, result: { success: status === 'success', status, terminalOutput, startTime: start, endTime: end } };
  };
  try {
    const requests = Object.values(taskGraph.tasks).map((task) => ({
      taskId: task.id,
      project: task.target.project,
      target: task.target.target,
      options: parse(options[task.id]),
      // The worker's own has nothing of the .env files of projects, which Nx has counted in the task's hash.
      env: getTaskSpecificEnv(task, context.projectGraph),
    }));
    // For the tasks that a task depends on, Nx tells of --verbose in the environment only.
    const verbose = overrides['verbose'] === true || context.isVerbose || process.env['NX_VERBOSE_LOGGING'] === 'true';
    for await (const outcome of runTasks(kind, requests, { context, verbose, show: 'progress', signal })) {
      yield item(outcome.task.taskId, outcome.status, outcome.log, outcome.time ?? undefined);
    }
  } catch (error) {
    const text = formatError(error);
    // Nx prints what a task of a batch that failed has said, so it is not printed here as well.
    for (const task of [...pending]) yield item(task, 'failure', signal.aborted ? '' : text);
  } finally {
    release();
  }
  for (const task of [...pending]) yield item(task, 'failure', 'The batch ended without a result for this task.\n');
}
