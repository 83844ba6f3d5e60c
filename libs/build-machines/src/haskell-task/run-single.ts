import type { ExecutorContext } from '@nx/devkit';
import { hashedTraitsOf } from '../hashing/traits-of-hash.js';
import { runExecutor } from '../reporting/run-executor.js';
import { runTasks, type TaskRequest } from './run-tasks.js';
import type { CabalTaskKind } from './task-groups.js';

/** Body of the executors that run one cabal task. */
export function runSingle(
  kind: CabalTaskKind,
  options: TaskRequest['options'],
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runExecutor(async (signal) => {
    const { project, target } = currentTask(context);
    const hashedTraits = traitsHashedFor(context);
    const request = { taskId: `${project}:${target}`, project, target, options, hashedTraits, env: process.env };
    for await (const outcome of runTasks(kind, [request], { context, verbose: context.isVerbose, signal })) {
      if (outcome.status === 'success') return true;
      if (outcome.error !== undefined) throw outcome.error;
      return false;
    }
    throw new Error(`no outcome for ${request.taskId}`);
  });
}

/** The traits that Nx has hashed for the current task. */
function traitsHashedFor({ projectName, targetName, taskGraph }: ExecutorContext): readonly string[] | undefined {
  const tasks = Object.values(taskGraph?.tasks ?? {});
  const task = tasks.find(({ target }) => target.project === projectName && target.target === targetName);
  return task === undefined ? undefined : hashedTraitsOf(task);
}

/** The project and target that Nx runs an executor for. */
export function currentTask(context: ExecutorContext): { project: string; target: string } {
  const { projectName, targetName } = context;
  if (projectName === undefined || targetName === undefined) throw new Error('Nx named no project or target');
  return { project: projectName, target: targetName };
}
