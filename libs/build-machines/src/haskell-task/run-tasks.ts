import type { ExecutorContext } from '@nx/devkit';
import { userInfo } from 'node:os';
import { openMachine } from '../machine-task/open-machine.js';
import type { CabalTaskOptions } from '../options/haskell-options.js';
import { chooseMachine } from './choose-machine.js';
import { deliver } from './deliver.js';
import { invocationFor } from './invocation.js';
import { resolveProject, type ResolvedProject } from './resolve-task.js';
import { RunConsole } from './run-console.js';
import { runGroup, type TaskOutcome } from './run-group.js';
import { groupTasks, type CabalTask, type CabalTaskKind, type TaskGroup } from './task-groups.js';

/** One task as Nx hands it over. */
export interface TaskRequest {
  readonly taskId: string;
  readonly project: string;
  readonly target: string;
  readonly options: CabalTaskOptions & { readonly suites?: readonly string[] };
}

/** What all tasks of a call share. */
export interface TaskSurroundings {
  readonly context: Pick<ExecutorContext, 'root' | 'projectGraph'>;
  readonly verbose: boolean;
  /** What of the command's output is shown at once; the log always has all. Default: everything. */
  readonly show?: 'everything' | 'progress';
  readonly signal: AbortSignal;
}

/**
 * Runs tasks of one kind, together where that is possible, and delivers what they made: outputs are on disk before an
 * outcome is yielded, because Nx caches on the yield.
 * @throws what concerns all tasks of a group: an unknown machine, no connection, a refused sync.
 */
export async function* runTasks(
  kind: CabalTaskKind,
  requests: readonly TaskRequest[],
  surroundings: TaskSurroundings,
): AsyncGenerator<TaskOutcome> {
  const projects = new Map<string, ResolvedProject>();
  const tasks: CabalTask[] = [];
  for (const request of requests) {
    const project = resolveProject(surroundings.context, request.project, request.options.packages);
    projects.set(request.taskId, project);
    tasks.push(await taskOf(kind, request, project, surroundings));
  }
  for (const group of groupTasks(tasks)) yield* runOne(group, projects, surroundings);
}

async function taskOf(
  kind: CabalTaskKind,
  { taskId, project, target, options }: TaskRequest,
  resolved: ResolvedProject,
  { context }: TaskSurroundings,
): Promise<CabalTask> {
  const { packages, cabalFolder, roots, files } = resolved;
  const machine = await chooseMachine(context.root, options.machine);
  return {
    taskId,
    project,
    target,
    kind,
    machine,
    cabalFolder,
    packages,
    suites: options.suites,
    roots,
    files,
    options,
  };
}

async function* runOne(
  group: TaskGroup,
  projects: ReadonlyMap<string, ResolvedProject>,
  { context, verbose, show, signal }: TaskSurroundings,
): AsyncGenerator<TaskOutcome> {
  const [first] = group;
  const project = projects.get(first.taskId);
  if (project === undefined) throw new Error(`no project was resolved for ${first.taskId}`);
  const console = new RunConsole(process, verbose, show);
  try {
    const machine = await openMachine(context.root, first.machine, { console, signal });
    const outcomes = await runGroup(
      group,
      machine,
      (packages) => invocationFor(first, project, context.root, packages),
      {
        workspaceRoot: context.root,
        user: userInfo().username,
        env: process.env,
        console,
        signal,
      },
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'success') await deliver(context.root, outcome, machine, signal);
      yield outcome;
    }
  } finally {
    console.close();
  }
}
