import {
  type CommandPieces,
  adviceOnOthers,
  adviceOnSilentSuites,
  endedBeforeBuilding,
  failureText,
  requireRequestedCompiler,
  type Spans,
  taskVerdicts,
  type TaskVerdict,
} from '@build-machines/haskell';
import {
  type ArtifactManifest,
  BuildMachinesError,
  type LeaseFence,
  type RunCommand,
  type RunResult,
} from '@build-machines/protocol';
import { type RemoteRun, runRemotely } from '@build-machines/remote';
import type { TaskPlanner } from '@build-machines/sources';
import { gitAdvice } from '../git-info/git-advice.js';
import { preparationsOf } from '../git-info/given-repository.js';
import { isAccepting } from '../nx-cache/accepting.js';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import { requireHashedTraits } from '../hashing/traits-of-hash.js';
import { traitsText } from '../placing/hashed-traits.js';
import { expectedTraits, withTraits } from './expected-traits.js';
import { mayReuse } from './may-reuse.js';
import type { LogSection, RunConsole } from './run-console.js';
import { groupLabel } from './run-record.js';
import { endOf, judgedEnd, runSummary } from './run-summary.js';
import { strictnessOfArguments } from './strictness.js';
import { reusedBy, type CabalTask, type TaskGroup } from './task-groups.js';
import { failedBy, type TaskFailure, type TaskOutcome, type TaskTime } from './task-outcome.js';
import { SourcesChangedError } from './source-errors.js';
import { TaskSources } from './task-sources.js';
import { unsentHint } from './unsent/unsent-hint.js';
import { toolchainRequest } from './toolchain-request.js';
import { takeWritten } from './written-files.js';

/** What the workstation side of a group's run is given. */
export interface GroupSurroundings {
  readonly workspaceRoot: string;
  readonly user: string;
  /** The workstation's environment: how to find the hub, and whether to use results of earlier runs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly console: RunConsole;
  readonly signal: AbortSignal;
  readonly planner: TaskPlanner;
}

/** What comes with the place where a group runs. */
export interface GroupPlace {
  /** Only attach to a run that is there; `run-unknown` where there is none. */
  readonly join?: boolean;
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
  /** What cabal printed where it ended before anything was built: then the tasks may fare better in parts. */
  readonly unplanned?: string;
}

/** What a group does, as the Haskell side of its project says. */
export interface GroupWork {
  /** The invocation of cabal for some packages of the group. */
  readonly invoke: (packages: readonly string[]) => CommandPieces;
  /** The workspace's packages that a package needs, itself included. */
  readonly needs: (packageName: string) => ReadonlySet<string>;
}

/**
 * Runs the tasks of a group as one invocation of cabal on one machine. Tasks whose sources are not what Nx has hashed fail
 * before anything is built; the others run without them.
 * @throws what `runRemotely` throws: then no task has run.
 */
export async function runGroup(
  group: TaskGroup,
  machine: OpenedMachine,
  work: GroupWork,
  surroundings: GroupSurroundings & GroupPlace,
): Promise<GroupRun> {
  try {
    return await runAsHashed(group, machine, work, surroundings);
  } catch (error) {
    if (!(error instanceof SourcesChangedError)) throw error;
    const [first, ...others] = group.filter((task) => !error.changed.includes(task.sources));
    if (first === undefined) throw error;
    const { outcomes, ...rest } = await runGroup([first, ...others], machine, work, surroundings);
    const failures = group
      .filter((task) => error.changed.includes(task.sources))
      .map(({ taskId }) => failedBy(taskId, error));
    return { ...rest, outcomes: [...failures, ...outcomes] };
  }
}

async function runAsHashed(
  group: TaskGroup,
  machine: OpenedMachine,
  work: GroupWork,
  surroundings: GroupSurroundings & GroupPlace,
): Promise<GroupRun> {
  const { console } = surroundings;
  const packages = [...new Set(group.flatMap((task) => task.packages))];
  const section = console.section();
  const sources = new TaskSources(
    group.map((task) => task.sources),
    surroundings.planner,
    (text) => {
      console.note(text);
    },
  );
  const run = await submit(group, machine, work.invoke(packages), { ...surroundings, sources });
  const { result } = run;
  const reason = endOf(result);
  const output = section.text();
  const unplanned = judgedEnd(result) === 'failed' && endedBeforeBuilding(output) ? output : undefined;
  const verdicts = taskVerdicts(
    group.map(({ taskId, packages: own }) => ({ id: taskId, packages: own })),
    { output, end: judgedEnd(result), reason, kind: group[0].kind, needs: work.needs },
  );
  console.note(runSummary(machine.machine.definition.name, result, run.sync));
  if (reason !== undefined) console.note(reason);
  await takeWritten(group, run, machine, surroundings);
  const built = await builtAfterFailure(group, { result, verdicts, console }, (names) =>
    submit(group, machine, work.invoke(names), { ...surroundings, sources, join: false }),
  );
  const hintFor = unsentFiles(sources, surroundings);
  const context = { run, machine: machine.machine.definition.name, built, hintFor, alone: group.length === 1, section };
  const outcomes = group.map((task) => {
    const outcome = outcomeOf(task, verdicts.get(task.taskId), context);
    return outcome.status === 'failure'
      ? advised(outcome, task, {
          output,
          needs: work.needs,
          note: console.showsOutput ? console.note.bind(console) : undefined,
        })
      : outcome;
  });
  return { run, result, outcomes, unplanned };
}

/** Tells, for a task that failed, of files that it has not found because they were not sent. Shown where the output is. */
function unsentFiles(
  sources: TaskSources,
  { workspaceRoot, planner, console }: GroupSurroundings,
): (task: CabalTask, output: string) => string {
  return ({ taskId, sources: { folders } }, output) => {
    const list = sources.lastList;
    if (list === undefined) return '';
    const hint = unsentHint(output, {
      root: workspaceRoot,
      taskId,
      sent: { ...list, folders },
      known: planner.knownFiles(),
    });
    // Where the output has been shown already, nothing else of the failure's text will be.
    if (hint !== '' && console.showsOutput) console.note(hint.trimEnd());
    return hint;
  };
}

async function submit(
  group: TaskGroup,
  { machine, lock, connect }: OpenedMachine,
  invocation: CommandPieces,
  {
    workspaceRoot,
    user,
    env,
    console,
    signal,
    sources,
    join,
    lease,
    reconnectFor,
    onOutput,
  }: GroupSurroundings & GroupPlace & { readonly sources: TaskSources },
): Promise<RemoteRun> {
  const [first] = group;
  const { name } = machine.definition;
  const toolchain = toolchainRequest(first.options, machine, lock);
  requireRequestedCompiler(first.compilers, toolchain.ghc);
  const command: RunCommand = {
    label: groupLabel(group),
    prepare: [...preparationsOf(first.repository, invocation.cwd), ...invocation.prepare],
    argv: invocation.argv,
    cwd: invocation.cwd,
    env: { ...first.passed },
    toolchain,
    artifacts: invocation.artifacts,
    outputs: {
      folder: invocation.outputFolder,
      packages: reusedBy(group),
      strictness: strictnessOfArguments(first.options.args),
    },
    timeoutSeconds: first.options.timeoutSeconds,
    reuse: mayReuse(first.kind, env) && !isAccepting(first.options.accept),
  };
  const run = (traits: string): Promise<RemoteRun> =>
    runRemotely({
      connect,
      workspaceRoot,
      machine: name,
      user,
      sources: sources.list,
      command: { ...command, traits },
      onProgress: (progress) => {
        console.report(progress);
        if (progress.type === 'output') onOutput?.(progress.text);
      },
      reconnectFor,
      join,
      lease,
      // Without a lease there is no other machine: the one that lost the run is asked again by the connection itself.
      resubmit: lease === undefined,
      signal,
    });
  const expected = expectedTraits(name, lock, toolchain);
  const traits = traitsText(toolchain, expected);
  for (const { taskId, hashedTraits } of group) requireHashedTraits(taskId, hashedTraits, { machine: name, traits });
  return withTraits(name, expected, run);
}

/** What tasks that succeeded have built; or why that is not known. */
type Built = { readonly manifest: ArtifactManifest | null } | { readonly error: unknown; readonly output: string };

/**
 * What was built is known by name only after a failure. Building once more just what succeeded is quick, tells the
 * artifacts, and proves that cabal's output was read as it was meant. Tests and benchmarks are not run twice.
 */
async function builtAfterFailure(
  group: TaskGroup,
  first: { result: RunResult; verdicts: ReadonlyMap<string, TaskVerdict>; console: RunConsole },
  again: (packages: readonly string[]) => Promise<RemoteRun>,
): Promise<Built> {
  const { result, verdicts, console } = first;
  const succeeded = group.filter(({ taskId }) => verdicts.get(taskId)?.status === 'success');
  if (result.outcome === 'succeeded' || succeeded.length === 0 || group[0].kind !== 'build')
    return { manifest: result.artifacts };
  const section = console.section();
  const failed = (error: unknown): Built => ({ error, output: section.text() });
  try {
    const second = await again([...new Set(succeeded.flatMap((task) => task.packages))]);
    return second.result.outcome === 'succeeded'
      ? { manifest: second.result.artifacts }
      : failed(new NotBuiltAgainError(endOf(second.result) ?? ''));
  } catch (error) {
    return failed(error);
  }
}

function outcomeOf(
  task: CabalTask,
  verdict: TaskVerdict | undefined,
  group: {
    run: RemoteRun;
    machine: string;
    built: Built;
    hintFor: (task: CabalTask, output: string) => string;
    alone: boolean;
    section: LogSection;
  },
): TaskOutcome {
  const { taskId } = task;
  if (verdict === undefined) throw new Error(`no verdict for ${taskId}`);
  const time = group.alone ? null : timeOf(verdict.spans, group.section);
  if (verdict.status === 'failure') {
    const text = failureText(verdict.text, group.hintFor(task, verdict.text));
    return { status: 'failure', taskId, text, time };
  }
  if ('error' in group.built) return failedBy(taskId, group.built.error, group.built.output);
  const artifacts = {
    version: 1 as const,
    artifacts: (group.built.manifest?.artifacts ?? []).filter(
      (artifact) => artifact.package === undefined || task.packages.includes(artifact.package),
    ),
  };
  const { run, machine } = group;
  return { status: 'success', taskId, task, log: verdict.log, time, result: run.result, machine, artifacts };
}

/** Adds to a failure what its reader may do, where that is known. @param note shows it at once. */
function advised(
  failure: TaskFailure,
  { taskId, packages, options }: CabalTask,
  {
    output,
    needs,
    note,
  }: Pick<GroupWork, 'needs'> & { readonly output: string; readonly note: ((line: string) => void) | undefined },
): TaskFailure {
  const advice = [
    adviceOnOthers({ id: taskId, packages }, { output, needs }),
    gitAdvice(failure.text, options.gitInfo),
    adviceOnSilentSuites(failure.text),
  ].flatMap((line) => line ?? []);
  if (note !== undefined) advice.forEach(note);
  return { ...failure, text: failureText(failure.text, ...advice) };
}

/** From the first to the last word about a task; no time at all where nothing was said, because nothing was done. */
function timeOf(spans: Spans, section: LogSection): TaskTime {
  const ends = spans.flatMap(({ last }) => section.arrivalOf(last) ?? []);
  const end = ends.length === 0 ? Date.now() : Math.max(...ends);
  return { start: Math.min(end, ...spans.flatMap(({ first }) => section.arrivalOf(first) ?? [])), end };
}

/** A package counted as built, by cabal's output, but building it alone failed. Its task fails, so nothing is cached. */
export class NotBuiltAgainError extends BuildMachinesError {
  readonly code = 'not-built-again';
  constructor(end: string) {
    super(`The packages that had been built next to one that failed could not be built by themselves. ${end}`, {
      hint: 'The output above says why. Run the task again; --batch=false runs it alone.',
    });
  }
}
