import type { ExecutorContext } from '@nx/devkit';
import { userInfo } from 'node:os';
import type { CabalTaskOptions } from '../options/haskell-options.js';
import { deliver } from './deliver.js';
import { requireHashed } from './hashed-environment.js';
import { requirePackagesHashed } from './hashed-packages.js';
import { invocationFor } from './invocation.js';
import { type OutputPlaces, outputPlaces } from './output-places.js';
import { passedEnvironment } from './passed-environment.js';
import { projectResolver, type ResolvedProject } from './resolve-task.js';
import { RunConsole } from './run-console.js';
import { placeGroup } from './place-group.js';
import type { TaskOutcome } from './run-group.js';
import { runFinish } from './run-record.js';
import { groupTasks, type CabalTask, type CabalTaskKind, type TaskGroup } from './task-groups.js';

/** One task as Nx hands it over. */
export interface TaskRequest {
  readonly taskId: string;
  readonly project: string;
  readonly target: string;
  readonly options: CabalTaskOptions & { readonly suites?: readonly string[] };
  /** The environment of the task, from which it passes on what its options name. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What all tasks of a call share. */
export interface TaskSurroundings {
  readonly context: Pick<ExecutorContext, 'root' | 'projectGraph' | 'nxJsonConfiguration'>;
  readonly verbose: boolean;
  /** What of the command's output is shown at once; the log always has all. Default: everything. */
  readonly show?: 'everything' | 'progress';
  readonly signal: AbortSignal;
}

/**
 * Runs tasks of one kind, together where that is possible, and delivers what they made: outputs are on disk before an
 * outcome is yielded, because Nx caches on the yield.
 * @throws EnvironmentNotHashedError, PackageNotSentError, PackageNotHashedError and what
 * {@link outputPlaces} throws before anything runs, and what concerns all tasks of a group: an unknown machine, no
 * connection, a refused sync.
 */
export async function* runTasks(
  kind: CabalTaskKind,
  requests: readonly TaskRequest[],
  surroundings: TaskSurroundings,
): AsyncGenerator<TaskOutcome> {
  const projects = new Map<string, ResolvedProject>();
  const places = new Map<string, OutputPlaces>();
  const resolve = projectResolver(surroundings.context);
  const tasks: CabalTask[] = [];
  for (const request of requests) {
    requireHashed(request.options.env, request, surroundings.context);
    const project = resolve(request.project, request.options.packages);
    requirePackagesHashed({ kind, task: request, resolved: project }, surroundings.context);
    projects.set(request.taskId, project);
    const { root, projectGraph } = surroundings.context;
    const { packages } = project.haskell;
    places.set(request.taskId, await outputPlaces(kind, request, { root, projectGraph, packages }));
    tasks.push(taskOf(kind, request, project));
  }
  for (const group of groupTasks(tasks)) yield* runOne(group, { projects, places }, surroundings);
}

function taskOf(
  kind: CabalTaskKind,
  { taskId, project, target, options, env }: TaskRequest,
  { packages, cabalFolder, roots, files, reused }: ResolvedProject,
): CabalTask {
  return {
    taskId,
    project,
    target,
    kind,
    machine: options.machine,
    cabalFolder,
    packages,
    suites: options.suites,
    roots,
    files,
    reused,
    passed: passedEnvironment(options.env, env),
    options,
  };
}

async function* runOne(
  group: TaskGroup,
  {
    projects,
    places,
  }: { readonly projects: ReadonlyMap<string, ResolvedProject>; readonly places: ReadonlyMap<string, OutputPlaces> },
  { context, verbose, show, signal }: TaskSurroundings,
): AsyncGenerator<TaskOutcome> {
  const [first] = group;
  const project = projects.get(first.taskId);
  if (project === undefined) throw new Error(`no project was resolved for ${first.taskId}`);
  const console = new RunConsole(process, verbose, { show });
  try {
    const surroundings = { workspaceRoot: context.root, user: userInfo().username, env: process.env, console, signal };
    const invoke = (packages: readonly string[]) => invocationFor(first, project, context.root, packages);
    const { run, outcomes, opened, recording, released } = await placeGroup(group, invoke, surroundings);
    const started = performance.now();
    let bytes = 0;
    try {
      for (const outcome of outcomes) {
        const to = places.get(outcome.task.taskId);
        if (outcome.status === 'success' && to !== undefined)
          bytes += await deliver(context.root, outcome, opened, { places: to, signal });
        yield outcome;
      }
    } finally {
      const milliseconds = bytes > 0 ? performance.now() - started : 0;
      await Promise.all([released, recording?.finish(runFinish(run, { bytes, milliseconds }))]);
    }
  } finally {
    console.close();
  }
}
