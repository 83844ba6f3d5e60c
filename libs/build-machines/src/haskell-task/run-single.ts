import { taskFor } from '@build-machines/sources';
import type { ExecutorContext, Task } from '@nx/devkit';
import { hashedTraitsOf } from '../hashing/traits-of-hash.js';
import { isKept } from '../nx-cache/is-kept.js';
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
    const task = nxTask(context);
    const request = {
      taskId: `${project}:${target}`,
      project,
      target,
      options,
      env: process.env,
      task,
      hashedTraits: hashedTraitsOf(task),
      isKept: isKept(task),
    };
    for await (const outcome of runTasks(kind, [request], { context, verbose: context.isVerbose, signal })) {
      if (outcome.status === 'success') return true;
      if (outcome.error !== undefined) throw outcome.error;
      return false;
    }
    throw new Error(`no outcome for ${request.taskId}`);
  });
}

/** The task that Nx runs an executor for. */
export function nxTask(context: ExecutorContext): Task {
  return taskFor({ ...currentTask(context), configuration: context.configurationName }, context);
}

/** The project and target that Nx runs an executor for. */
export function currentTask(context: ExecutorContext): { project: string; target: string } {
  const { projectName, targetName } = context;
  if (projectName === undefined || targetName === undefined) throw new Error('Nx named no project or target');
  return { project: projectName, target: targetName };
}
