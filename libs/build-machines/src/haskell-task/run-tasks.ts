import { packageClosure, requireUsableArguments } from '@build-machines/haskell';
import { type PlanRequest, TaskPlanner } from '@build-machines/sources';
import type { ExecutorContext, Task } from '@nx/devkit';
import { userInfo } from 'node:os';
import type { CabalTaskOptions } from '../options/haskell-options.js';
import { type GivenRepository, givenRepository } from '../git-info/given-repository.js';
import { deliver } from './deliver.js';
import { requireUnkept } from '../nx-cache/accepting.js';
import { requireHashed } from './hashed-environment.js';
import { requireGitInfoHashed } from './hashed-git-info.js';
import { requirePackagesSent } from './sent-packages.js';
import { invocationFor } from './invocation.js';
import { type OutputPlaces, outputPlaces } from './output-places.js';
import { passedEnvironment } from './passed-environment.js';
import { projectResolver, type ResolvedProject } from './resolve-task.js';
import { RunConsole } from './run-console.js';
import { type PlacedGroup, placeGroup } from './place-group.js';
import type { GroupWork } from './run-group.js';
import { runFinish } from './run-record.js';
import { groupTasks, type CabalTask, type CabalTaskKind, type TaskGroup } from './task-groups.js';
import { failedBy, type TaskOutcome } from './task-outcome.js';
import type { SourcesOf } from './task-sources.js';

/** One task as Nx hands it over. */
export interface TaskRequest {
  readonly taskId: string;
  readonly project: string;
  readonly target: string;
  readonly options: CabalTaskOptions & { readonly suites?: readonly string[] };
  /** The traits that its hash has; undefined where none is known. */
  readonly hashedTraits: readonly string[] | undefined;
  /** The environment of the task, from which it passes on what its options name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The task as Nx knows it, whose inputs say what is sent. */
  readonly task: Task;
  /** Whether Nx may keep the result under the hash that the task has. */
  readonly isKept: boolean;
}

/** What all tasks of a call share. */
export interface TaskSurroundings {
  readonly context: Pick<ExecutorContext, 'root' | 'projectGraph' | 'nxJsonConfiguration' | 'taskGraph'>;
  readonly verbose: boolean;
  /** What of the command's output is shown at once; the log always has all. Default: everything. */
  readonly show?: 'everything' | 'progress';
  readonly signal: AbortSignal;
}

/** What is known of a task before anything runs. */
interface Prepared {
  readonly project: ResolvedProject;
  readonly places: OutputPlaces;
}

/**
 * Runs tasks of one kind, together where that is possible, and delivers what they made: outputs are on disk before an
 * outcome is yielded, because Nx caches on the yield. Every task has an outcome, and none is failed by what concerns
 * another one alone: a wrong option, or a folder that cannot be written.
 */
export async function* runTasks(
  kind: CabalTaskKind,
  requests: readonly TaskRequest[],
  surroundings: TaskSurroundings,
): AsyncGenerator<TaskOutcome> {
  const prepared = new Map<string, Prepared>();
  const planner = new TaskPlanner(surroundings.context);
  const resolve = projectResolver(surroundings.context, planner);
  const tasks: CabalTask[] = [];
  let commit: Promise<GivenRepository> | undefined;
  for (const request of requests) {
    try {
      requireUnkept(request);
      requireUsableArguments(request.options.args);
      requireHashed(request.options.env, request, surroundings.context);
      requireGitInfoHashed(request.options.gitInfo, request, surroundings.context);
      const project = resolve(request.project, request.options.packages);
      const sources = sourcesOf(request, project);
      await requirePackagesSent({ task: request, resolved: project, sources }, planner);
      const { root, projectGraph } = surroundings.context;
      const { packages } = project.haskell;
      const places = await outputPlaces(kind, request, { root, projectGraph, packages });
      prepared.set(request.taskId, { project, places });
      const repository = request.options.gitInfo === true ? await (commit ??= givenRepository(root)) : undefined;
      tasks.push(taskOf(kind, request, project, { sources, repository }));
    } catch (error) {
      yield failedBy(request.taskId, error);
    }
  }
  for (const group of groupTasks(tasks)) yield* runOne(group, prepared, { ...surroundings, planner });
}

/** What a task needs of the workspace. */
export function sourcesOf(
  { task, env, isKept }: PlanRequest & Pick<TaskRequest, 'isKept'>,
  { folders, required }: Pick<ResolvedProject, 'folders' | 'required'>,
): SourcesOf {
  return { plan: { task, env }, isKept, folders, required };
}

function taskOf(
  kind: CabalTaskKind,
  { taskId, project, target, options, hashedTraits, env }: TaskRequest,
  { packages, cabalFolder, haskell, reused }: ResolvedProject,
  { sources, repository }: Pick<CabalTask, 'sources' | 'repository'>,
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
    sources,
    compilers: haskell.compilers,
    hashedTraits,
    reused,
    passed: { ...passedEnvironment(options.env, env), ...repository?.env },
    repository,
    options,
  };
}

async function* runOne(
  group: TaskGroup,
  prepared: ReadonlyMap<string, Prepared>,
  { context, verbose, show, signal, planner }: TaskSurroundings & { readonly planner: TaskPlanner },
): AsyncGenerator<TaskOutcome> {
  const console = new RunConsole(process, verbose, { show });
  try {
    const surroundings = { workspaceRoot: context.root, user: userInfo().username, env: process.env, console, signal };
    let placed: PlacedGroup;
    try {
      placed = await placeGroup(group, workOf(group, prepared, context.root), { ...surroundings, planner });
    } catch (error) {
      // What the command had printed until then may say why.
      const output = show === 'progress' ? console.log : '';
      for (const { taskId } of group) yield failedBy(taskId, error, output);
      return;
    }
    yield* delivered(placed, prepared, { workspaceRoot: context.root, signal });
  } finally {
    console.close();
  }
}

/** Yields the outcomes of a group, each with its outputs in place, then ends the record of its run. */
async function* delivered(
  { run, outcomes, opened, recording, released }: PlacedGroup,
  prepared: ReadonlyMap<string, Prepared>,
  { workspaceRoot, signal }: { readonly workspaceRoot: string; readonly signal: AbortSignal },
): AsyncGenerator<TaskOutcome> {
  const started = performance.now();
  let bytes = 0;
  try {
    for (const outcome of outcomes) {
      if (outcome.status === 'failure') {
        yield outcome;
        continue;
      }
      let failure: TaskOutcome | undefined;
      try {
        bytes += await deliver(workspaceRoot, outcome, opened, {
          places: preparedFor(outcome.taskId, prepared).places,
          signal,
        });
      } catch (error) {
        failure = failedBy(outcome.taskId, error, outcome.log);
      }
      yield failure ?? outcome;
    }
  } finally {
    const milliseconds = bytes > 0 ? performance.now() - started : 0;
    await Promise.all([released, recording?.finish(runFinish(run, { bytes, milliseconds }))]);
  }
}

function workOf(group: TaskGroup, prepared: ReadonlyMap<string, Prepared>, workspaceRoot: string): GroupWork {
  const [first] = group;
  const { project } = preparedFor(first.taskId, prepared);
  const scope = first.kind === 'test' || first.kind === 'bench' ? 'all' : 'production';
  return {
    invoke: (packages) => invocationFor(first, project, workspaceRoot, packages),
    needs: (name) => new Set(packageClosure(project.haskell.packages, [name], scope).map((needed) => needed.name)),
  };
}

function preparedFor(taskId: string, prepared: ReadonlyMap<string, Prepared>): Prepared {
  const found = prepared.get(taskId);
  if (found === undefined) throw new Error(`${taskId} was not prepared`);
  return found;
}
