import { type CommandPieces, type PackageOutcome, readTaskResults } from '@build-machines/haskell';
import type { ArtifactManifest, LeaseFence, RunCommand, RunResult } from '@build-machines/protocol';
import { type RemoteRun, runRemotely } from '@build-machines/remote';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { RunConsole } from './run-console.js';
import { groupLabel } from './run-record.js';
import { failureText, runSummary } from './run-summary.js';
import { reusedBy, scopeOf, type CabalTask, type TaskGroup } from './task-groups.js';
import { toolchainRequest } from './toolchain-request.js';

/** What the workstation side of a group's run is given. */
export interface GroupSurroundings {
  readonly workspaceRoot: string;
  readonly user: string;
  /** The workstation's environment, for finding the hub. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly console: RunConsole;
  readonly signal: AbortSignal;
}

/** What comes with the place where a group runs. */
export interface GroupPlace {
  readonly lease: LeaseFence | undefined;
  /** How long to try to get a lost connection back, in milliseconds; undefined: the default of `runRemotely`. */
  readonly reconnectFor: number | undefined;
  readonly onOutput: ((text: string) => void) | undefined;
}

/** A group that has run: the run as a whole, and its tasks. */
export interface GroupRun {
  readonly run: RemoteRun;
  readonly result: RunResult;
  readonly outcomes: TaskOutcome[];
}

/** How one task of a group ended. */
export interface TaskOutcome {
  readonly task: CabalTask;
  /** `skipped`: it never ran, because a package that it needs failed. */
  readonly status: 'success' | 'failure' | 'skipped';
  readonly log: string;
  /**
   * When the first and the last line about it came, in milliseconds since the epoch: cabal says no more of what one package
   * of several takes. Null for a task that ran alone, whose time is that of the run.
   */
  readonly time: { readonly start: number; readonly end: number } | null;
  readonly result: RunResult;
  /** The machine that it ran on. */
  readonly machine: string;
  /** What the task's own packages left; null when it failed. */
  readonly artifacts: ArtifactManifest | null;
}

/**
 * Runs the tasks of a group as one invocation of cabal on one machine.
 * @param invoke makes the invocation for some packages of the group.
 * @throws what `runRemotely` throws: then no task has run.
 */
export async function runGroup(
  group: TaskGroup,
  machine: OpenedMachine,
  invoke: (packages: readonly string[]) => CommandPieces,
  surroundings: GroupSurroundings & GroupPlace,
): Promise<GroupRun> {
  const { console, signal } = surroundings;
  const packages = [...new Set(group.flatMap((task) => task.packages))];
  const run = await submit(group, machine, invoke(packages), surroundings);
  const outcomes = packageOutcomes(run.result, console.log, packages, group[0].kind);
  const manifest = await manifestOf(run, outcomes, () => {
    const built = packages.filter((name) => outcomes.get(name)?.status === 'succeeded');
    // What was built is known by name only after a failure; asking once more for just that is quick and certain.
    return built.length === 0 || signal.aborted || group[0].kind !== 'build'
      ? undefined
      : submit(group, machine, invoke(built), surroundings);
  });
  console.note(runSummary(machine.machine.definition.name, run.result, run.sync));
  const failure = failureText(run.result);
  if (failure !== undefined) console.note(failure);
  const context = {
    run,
    machine: machine.machine.definition.name,
    manifest,
    alone: group.length === 1,
    console,
  };
  return { run, result: run.result, outcomes: group.map((task) => outcomeOf(task, outcomes, context)) };
}

async function submit(
  group: TaskGroup,
  { machine, lock, connect }: OpenedMachine,
  invocation: CommandPieces,
  { workspaceRoot, user, console, signal, lease, reconnectFor, onOutput }: GroupSurroundings & GroupPlace,
): Promise<RemoteRun> {
  const [first] = group;
  const command: RunCommand = {
    label: groupLabel(group),
    prepare: invocation.prepare,
    argv: invocation.argv,
    cwd: invocation.cwd,
    env: { ...first.passed },
    toolchain: toolchainRequest(first.options, machine, lock),
    artifacts: invocation.artifacts,
    outputs: { folder: invocation.outputFolder, packages: reusedBy(group) },
    timeoutSeconds: first.options.timeoutSeconds,
    reuse: !first.options.skipActionCache,
  };
  const { name } = machine.definition;
  return runRemotely({
    connect,
    workspaceRoot,
    machine: name,
    user,
    scope: scopeOf(group),
    command,
    onProgress: (progress) => {
      console.report(progress);
      if (progress.type === 'output') onOutput?.(progress.text);
    },
    reconnectFor,
    lease,
    // Without a lease there is no other machine: the one that lost the run is asked again by the connection itself.
    resubmit: lease === undefined,
    signal,
  });
}

function packageOutcomes(
  result: RunResult,
  log: string,
  packages: readonly string[],
  kind: CabalTask['kind'],
): ReadonlyMap<string, PackageOutcome> {
  if (result.outcome !== 'succeeded' && result.outcome !== 'failed') {
    return new Map(packages.map((name) => [name, { status: 'failed', log: '', span: null }]));
  }
  return readTaskResults({ output: log, succeeded: result.outcome === 'succeeded', packages, kind });
}

async function manifestOf(
  run: RemoteRun,
  outcomes: ReadonlyMap<string, PackageOutcome>,
  again: () => Promise<RemoteRun> | undefined,
): Promise<ArtifactManifest | null> {
  if (run.result.outcome === 'succeeded') return run.result.artifacts;
  if (![...outcomes.values()].some(({ status }) => status === 'succeeded')) return run.result.artifacts;
  const second = await again();
  return second?.result.artifacts ?? run.result.artifacts;
}

function outcomeOf(
  task: CabalTask,
  outcomes: ReadonlyMap<string, PackageOutcome>,
  group: { run: RemoteRun; machine: string; manifest: ArtifactManifest | null; alone: boolean; console: RunConsole },
): TaskOutcome {
  const own = task.packages.map((name) => outcomes.get(name));
  const failed = own.some((outcome) => outcome === undefined || outcome.status === 'failed');
  const skipped = own.some((outcome) => outcome?.status === 'skipped');
  const status = failed ? 'failure' : skipped ? 'skipped' : 'success';
  const log = group.alone ? group.console.log : own.map((outcome) => outcome?.log ?? '').join('');
  const artifacts =
    status === 'success'
      ? {
          version: 1 as const,
          artifacts: (group.manifest?.artifacts ?? []).filter(
            (artifact) => artifact.package === undefined || task.packages.includes(artifact.package),
          ),
        }
      : null;
  const time = group.alone ? null : timeOf(own, group.console);
  return { task, status, log, time, result: group.run.result, machine: group.machine, artifacts };
}

/** From the first to the last word about some packages; no time at all where nothing was said, because nothing was done. */
function timeOf(own: readonly (PackageOutcome | undefined)[], console: RunConsole): { start: number; end: number } {
  const spans = own.flatMap((outcome) => (outcome?.span ? [outcome.span] : []));
  const ends = spans.flatMap(({ last }) => console.arrivalOf(last) ?? []);
  const end = ends.length === 0 ? Date.now() : Math.max(...ends);
  return { start: Math.min(end, ...spans.flatMap(({ first }) => console.arrivalOf(first) ?? [])), end };
}
