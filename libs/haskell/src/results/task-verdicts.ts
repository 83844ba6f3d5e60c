import { errorBlocks } from './error-blocks.js';
import { type FailureText, failureText } from './failure-text.js';
import type { PackageOutcome } from './package-outcome.js';
import { type ReadOutput, readOutput } from './read-output.js';
import { logOf, readTaskResults } from './read-task-results.js';
import { endedBeforeBuilding, unplannedOthers } from './unplanned.js';

/** A task that a run was to do: what of which packages. */
export interface JudgedTask {
  readonly id: string;
  readonly packages: readonly string[];
}

/** A run that has ended, with all that decides how its tasks fared. */
export interface JudgedRun {
  /** What cabal and its children wrote, in the order of arrival. */
  readonly output: string;
  /** `cutOff`: it was cancelled or lost, so nothing in it counts as done. */
  readonly end: 'succeeded' | 'failed' | 'cutOff';
  /** How it ended, for people: which exit status or signal, or what the machine says. */
  readonly reason: string | undefined;
  readonly kind: 'build' | 'test' | 'bench' | 'haddock';
  /** The workspace's packages that a package needs, itself included. */
  readonly needs: (packageName: string) => ReadonlySet<string>;
}

/** The lines of an output that are about a task, counted from 0. */
export type Spans = readonly { readonly first: number; readonly last: number }[];

/**
 * How one task ended. There is no third way: a task that never ran, because a package that it needs failed, has failed
 * with that package's errors. A failure has words by its type.
 */
export type TaskVerdict =
  | { readonly status: 'success'; readonly log: string; readonly spans: Spans }
  | { readonly status: 'failure'; readonly text: FailureText; readonly spans: Spans };

/** Decides how each task of a run ended, by the run's end and cabal's output alone. */
export function taskVerdicts(tasks: readonly JudgedTask[], run: JudgedRun): Map<string, TaskVerdict> {
  const packages = [...new Set(tasks.flatMap((task) => task.packages))];
  const read = readOutput(run.output);
  const succeeded = run.end === 'succeeded';
  const outcomes = readTaskResults({ output: run.output, succeeded, packages, kind: run.kind }, read);
  const judged = new Map(tasks.map((task) => [task.id, verdictOf(task, { run, read, outcomes, packages })]));
  const explained = succeeded || [...judged.values()].some(({ status }) => status === 'failure');
  if (explained) return judged;
  // The run failed, but by cabal's own words no task did: then its words are not what we take them for.
  return new Map(tasks.map((task) => [task.id, failure(failureText(run.output, run.reason))]));
}

interface Evidence {
  readonly run: JudgedRun;
  readonly read: ReadOutput;
  readonly outcomes: ReadonlyMap<string, PackageOutcome>;
  /** The packages of all tasks. */
  readonly packages: readonly string[];
}

function verdictOf(task: JudgedTask, evidence: Evidence): TaskVerdict {
  const { run, outcomes, packages } = evidence;
  const own = task.packages.flatMap((name) => outcomes.get(name) ?? []);
  const spans = own.flatMap(({ span }) => span ?? []);
  // What runs alone has the complete output, and ends as the run does.
  const alone = packages.every((name) => task.packages.includes(name));
  if (alone || run.end === 'cutOff') {
    if (run.end !== 'succeeded') return failure(failureText(run.output, run.reason), spans);
    return { status: 'success', log: run.output, spans };
  }
  if (own.length === task.packages.length && own.every(({ status }) => status === 'succeeded'))
    return { status: 'success', log: own.map(({ log }) => log).join(''), spans };
  const unknown = task.packages.some((name) => !outcomes.has(name)) ? run.output : undefined;
  const parts = task.packages.flatMap((name) => partsOf(name, evidence));
  return failure(failureText(unknown, ...parts, run.reason), spans);
}

/** What helps where the reason of a task's failure lies in packages that it does not need. */
export function adviceOnOthers(
  task: JudgedTask,
  { output, needs }: Pick<JudgedRun, 'output' | 'needs'>,
): string | undefined {
  if (!endedBeforeBuilding(output)) return undefined;
  const needed = new Set(task.packages.flatMap((name) => [...needs(name)]));
  return unplannedOthers(output, (name) => !needed.has(name) && needs(name).size > 0);
}

function failure(text: FailureText, spans: Spans = []): TaskVerdict {
  return { status: 'failure', text, spans };
}

/** What a failed task shows of one of its packages. */
function partsOf(name: string, evidence: Evidence): string[] {
  const outcome = evidence.outcomes.get(name);
  if (outcome === undefined || outcome.status === 'succeeded') return [];
  if (outcome.status === 'failed') return [outcome.log];
  const culprits = culpritsOf(name, evidence);
  const headline = `\n✖ ${name} was not ${DONE[evidence.run.kind]}, because ${culprits.join(' and ')} failed:\n`;
  return [outcome.log, headline, ...culprits.map((culprit) => wordsAbout(culprit, evidence))];
}

const DONE = { build: 'built', test: 'tested', bench: 'run', haddock: 'documented' } as const;

/**
 * The failed packages that a package needs. One that is none of the workspace's may be needed by any; and where none of
 * those that failed is known to be needed, it may be each.
 */
function culpritsOf(name: string, { read, run, outcomes }: Evidence): string[] {
  const failed = [...new Set(read.account.flatMap((entry) => entry.package ?? []))];
  const needed = run.needs(name);
  const isOurs = (other: string): boolean => outcomes.has(other) || run.needs(other).size > 0;
  const culprits = failed.filter((other) => needed.has(other) || !isOurs(other));
  return culprits.length > 0 ? culprits : failed;
}

/** What a task shows of a package that it needs: its errors where a task of its own shows the rest, else everything. */
function wordsAbout(culprit: string, { read, outcomes }: Evidence): string {
  const log = logOf(culprit, 'failed', read);
  if (!outcomes.has(culprit)) return log;
  const errors = errorBlocks(log.split('\n')).flatMap(({ lines }) => [...lines, '']);
  return errors.length === 0 ? log : errors.join('\n');
}
