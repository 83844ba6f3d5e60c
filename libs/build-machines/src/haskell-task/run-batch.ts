import { type FailureText, failureText } from '@build-machines/haskell';
import { environmentOf } from '@build-machines/sources';
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { hashedTraitsOf } from '../hashing/traits-of-hash.js';
import { keepCacheFolder } from '../nx-cache/keep-cache-folder.js';
import { isKept } from '../nx-cache/is-kept.js';
import { dependentsOf } from '../not-run/dependents.js';
import { notRunLine } from '../not-run/not-run-line.js';
import { abortOnSignals } from '../reporting/run-executor.js';
import { runTasks, type TaskRequest } from './run-tasks.js';
import type { CabalTaskKind } from './task-groups.js';
import { failedBy, type TaskOutcome } from './task-outcome.js';

/**
 * One result of a batch, in the form that Nx reads. Nx knows `skipped` too; we never say it: Nx prints nothing about a
 * skipped task, calls the run a success, and exits with 130, as after Ctrl-C. `stopped` is for tasks that a signal ended:
 * then Nx exits with 130, and rightly so.
 */
export interface BatchItem {
  readonly task: string;
  readonly result: (
    | { readonly success: true; readonly status: 'success'; readonly terminalOutput: string }
    | { readonly success: false; readonly status: 'failure' | 'stopped'; readonly terminalOutput: FailureText }
  ) & { readonly startTime: number; readonly endTime: number };
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
  const item = (outcome: TaskOutcome): BatchItem => {
    const { taskId } = outcome;
    pending.delete(taskId);
    // Those within the batch have results of their own.
    const others = dependentsOf(taskId, context.taskGraph ?? taskGraph).filter((id) => !(id in taskGraph.tasks));
    return itemOf(outcome, { startTime, notRun: notRunLine(taskId, others), interrupted: signal.aborted });
  };
  try {
    const requests: TaskRequest[] = [];
    for (const task of Object.values(taskGraph.tasks)) {
      const { project, target } = task.target;
      try {
        // The worker's own environment has nothing of the .env files of projects, which Nx has counted in the task's hash.
        const env = environmentOf(task, context.projectGraph);
        requests.push({
          taskId: task.id,
          project,
          target,
          options: parse(options[task.id]),
          env,
          task,
          hashedTraits: hashedTraitsOf(task),
          isKept: isKept(task),
        });
      } catch (error) {
        yield item(failedBy(task.id, error));
      }
    }
    // For the tasks that a task depends on, Nx tells of --verbose in the environment only.
    const verbose = overrides['verbose'] === true || context.isVerbose || process.env['NX_VERBOSE_LOGGING'] === 'true';
    // Nx prints the whole text of each task of a batch when the task has ended.
    for await (const outcome of runTasks(kind, requests, { context, verbose, show: 'progress', signal })) {
      await keepCacheFolder();
      yield item(outcome);
    }
  } catch (error) {
    for (const task of [...pending]) yield item(failedBy(task, error));
  } finally {
    release();
  }
  for (const task of [...pending]) yield item(failedBy(task, new Error('the batch ended without a result for it')));
}

function itemOf(
  outcome: TaskOutcome,
  { startTime, notRun, interrupted }: { startTime: number; notRun: string; interrupted: boolean },
): BatchItem {
  const { start, end } = outcome.time ?? { start: startTime, end: Date.now() };
  const times = { startTime: start, endTime: end };
  return {
    task: outcome.taskId,
    result:
      outcome.status === 'success'
        ? { success: true, status: outcome.status, terminalOutput: outcome.log, ...times }
        : {
            success: false,
            status: interrupted ? 'stopped' : 'failure',
            terminalOutput: failureText(outcome.text, notRun),
            ...times,
          },
  };
}
