import { execa } from 'execa';
import type { NxJsonConfiguration, ProjectGraph, Task, TaskGraph } from '@nx/devkit';
import { isLinksCommand, type LinksAndModes, parseLinks } from '../links/links-input.js';
import type { SourceList } from '../source-list.js';
import { nxInternals, type NxTaskHash, type NxWorkspaceFiles } from './nx-internals.js';

/** What all tasks of an Nx command share. */
export interface NxState {
  readonly root: string;
  readonly projectGraph: ProjectGraph;
  readonly nxJsonConfiguration: NxJsonConfiguration;
  readonly taskGraph?: TaskGraph;
}

/** A task to be planned, with the environment that Nx has hashed it with. */
export interface PlanRequest {
  readonly task: Task;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What Nx hashes for a task at one moment. */
export interface TaskPlan extends Omit<SourceList, 'folders'> {
  /** What went into it, by Nx's own names. */
  readonly parts: Readonly<Record<string, string>>;
  /** Whether something counts that has no hash of its own in `hashes`: outputs of other tasks, links, modes. */
  readonly isPartlyUnhashed: boolean;
}

/** A snapshot this young, in milliseconds, is taken for the present: longer than a task needs to get going. */
const YOUNG = 2_000;

/** Reads which files count for the tasks of an Nx command, from Nx's own hash plans. */
export class TaskPlanner {
  #snapshot: { readonly takenAt: number; readonly files: NxWorkspaceFiles } | undefined;

  constructor(readonly state: NxState) {}

  /** The same by the graph that Nx has kept last: its daemon may have hashed by a newer one than this process was given. */
  async renewed(): Promise<TaskPlanner> {
    const { readCachedProjectGraph } = await import('@nx/devkit'); // Seldom needed, and slow to load.
    return new TaskPlanner({ ...this.state, projectGraph: readCachedProjectGraph() });
  }

  /** Every file of the workspace that Nx knows: what git or .nxignore ignores is not there. */
  knownFiles(): ReadonlySet<string> {
    return new Set(hashesOf(this.#recent()).keys());
  }

  /**
   * Plans tasks, all from one snapshot of the workspace.
   * @returns plans in the order of the requests.
   * @throws NxInternalsMissingError
   */
  async plan(requests: readonly PlanRequest[], signal?: AbortSignal): Promise<TaskPlan[]> {
    const snapshot = this.#recent();
    const hashes = await hashPlans(requests, this.state, snapshot);
    const hashOf = hashesOf(snapshot);
    const listed = new Map<string, Promise<LinksAndModes>>();
    const list = (command: string): Promise<LinksAndModes> => {
      const known = listed.get(command) ?? listLinks(command, this.state.root, signal);
      listed.set(command, known);
      return known;
    };
    return Promise.all(hashes.map((hash) => planOf(hash, hashOf, list)));
  }

  /** Takes nothing that was seen before for the present, however young it is. */
  lookAnew(): void {
    this.#snapshot = undefined;
  }

  /** What would go into the hashes of tasks now. */
  async partsNow(requests: readonly PlanRequest[]): Promise<TaskPlan['parts'][]> {
    this.lookAnew();
    return (await hashPlans(requests, this.state, this.#recent())).map(({ details }) => details.nodes);
  }

  #recent(): NxWorkspaceFiles {
    const now = performance.now();
    if (this.#snapshot === undefined || now - this.#snapshot.takenAt > YOUNG)
      this.#snapshot = { takenAt: now, files: takeSnapshot(this.state) };
    return this.#snapshot.files;
  }
}

function takeSnapshot({ root, projectGraph }: NxState): NxWorkspaceFiles {
  const { WorkspaceContext, workspaceDataDirectoryForWorkspace } = nxInternals();
  const roots = Object.entries(projectGraph.nodes).map(([name, { data }]) => [withoutSlash(data.root), name]);
  return new WorkspaceContext(root, workspaceDataDirectoryForWorkspace(root)).getWorkspaceFiles(
    Object.fromEntries(roots) as Record<string, string>,
  );
}

function hashesOf({ projectFileMap, globalFiles }: NxWorkspaceFiles): Map<string, string> {
  return new Map([...Object.values(projectFileMap), globalFiles].flat().map(({ file, hash }) => [file, hash]));
}

function withoutSlash(root: string): string {
  return root === '' ? '.' : root.replace(/\/$/, '');
}

async function hashPlans(
  requests: readonly PlanRequest[],
  state: NxState,
  snapshot: NxWorkspaceFiles,
): Promise<NxTaskHash[]> {
  const { projectGraph, nxJsonConfiguration } = state;
  const { InProcessTaskHasher } = nxInternals();
  const { externalReferences } = snapshot;
  const hasher = new InProcessTaskHasher(
    projectGraph,
    nxJsonConfiguration,
    externalReferences,
    runnerOptions(nxJsonConfiguration),
  );
  const tasks = requests.map(({ task }) => task);
  const environments = Object.fromEntries(requests.map(({ task, env }) => [task.id, { ...env }]));
  return hasher.hashTasks(tasks, graphWith(tasks, state.taskGraph), environments, process.cwd(), true);
}

/** Options of the task runner can change how Nx hashes (`selectivelyHashTsConfig`). */
function runnerOptions({ tasksRunnerOptions }: NxJsonConfiguration): object {
  const runner = tasksRunnerOptions?.['default'] as { options?: object } | undefined;
  return runner?.options ?? {};
}

/** A task that is none of the command's, such as the build that a fetch repeats, stands by itself. */
function graphWith(tasks: readonly Task[], graph: TaskGraph | undefined): TaskGraph {
  const missing = tasks.filter(({ id }) => graph?.tasks[id] === undefined);
  const none = Object.fromEntries(missing.map(({ id }) => [id, []]));
  return {
    roots: [...(graph?.roots ?? []), ...missing.map(({ id }) => id)],
    tasks: { ...graph?.tasks, ...Object.fromEntries(missing.map((task) => [task.id, task])) },
    dependencies: { ...graph?.dependencies, ...none },
    continuousDependencies: { ...graph?.continuousDependencies, ...none },
  };
}

async function planOf(
  { details, inputs }: NxTaskHash,
  hashOf: ReadonlyMap<string, string>,
  list: (command: string) => Promise<LinksAndModes>,
): Promise<TaskPlan> {
  const commands = inputs.runtime.filter(isLinksCommand);
  const found = await Promise.all(commands.map(list));
  const links = new Map(found.flatMap((one) => [...one.links]));
  const executables = new Set(found.flatMap((one) => [...one.executables]));
  const files = [...new Set([...inputs.files, ...inputs.depOutputs])].filter((path) => !links.has(path)).sort();
  return {
    parts: details.nodes,
    files,
    links,
    executables,
    hashes: new Map(files.flatMap((path) => (hashOf.has(path) ? [[path, hashOf.get(path) ?? '']] : []))),
    isPartlyUnhashed: commands.length > 0 || inputs.depOutputs.length > 0,
  };
}

async function listLinks(command: string, root: string, signal: AbortSignal | undefined): Promise<LinksAndModes> {
  // A folder that is not there is no reason to fail: Nx counts it as empty, too.
  const { stdout } = await execa('sh', ['-c', command], {
    cwd: root,
    stdin: 'ignore',
    reject: false,
    maxBuffer: 64 * 1024 * 1024,
    stripFinalNewline: false,
    cancelSignal: signal,
  });
  signal?.throwIfAborted();
  return parseLinks(stdout);
}
