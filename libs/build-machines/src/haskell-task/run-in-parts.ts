import { failureText } from '@build-machines/haskell';
import type { GroupRun } from './run-group.js';
import { endOf } from './run-summary.js';
import type { TaskGroup } from './task-groups.js';
import type { TaskOutcome } from './task-outcome.js';

/** Runs a part of a group as one invocation of cabal. */
type RunPart = (part: TaskGroup) => Promise<GroupRun>;

/**
 * Runs a group together; where cabal makes no plan for it, in parts, so that a task that cannot be planned fails alone:
 * its dependencies cannot be had, or two packages' tests need each other's package, each of which is well alone.
 *
 * Halves are tried, not one task after the other: with one bad task among a hundred that is some 14 invocations. Where
 * both halves end with the very words of the whole, the reason lies in none of the tasks, and no smaller part is tried.
 * @returns the outcomes of all tasks. As the run, one that was cut off or failed, where there is any.
 */
export async function runInParts(group: TaskGroup, run: RunPart, onSplit: () => void): Promise<GroupRun> {
  const whole = await run(group);
  if (whole.unplanned === undefined || group.length === 1) return whole;
  onSplit();
  return split(group, whole, run);
}

async function split(group: TaskGroup, whole: GroupRun, run: RunPart): Promise<GroupRun> {
  const halves = halvesOf(group);
  if (halves === undefined) return whole;
  const [first, second] = halves;
  const ranFirst = await run(first);
  if (isCutOff(ranFirst)) return joined([ranFirst, notRun(second, ranFirst)]);
  const ranSecond = await run(second);
  if ([ranFirst, ranSecond].every(({ unplanned }) => unplanned === whole.unplanned)) return whole;
  if (isCutOff(ranSecond)) return joined([ranFirst, ranSecond]);
  const firstParts = ranFirst.unplanned === undefined ? ranFirst : await split(first, ranFirst, run);
  if (isCutOff(firstParts)) return joined([firstParts, ranSecond]);
  const secondParts = ranSecond.unplanned === undefined ? ranSecond : await split(second, ranSecond, run);
  return joined([firstParts, secondParts]);
}

function halvesOf(group: TaskGroup): [TaskGroup, TaskGroup] | undefined {
  const middle = Math.ceil(group.length / 2);
  const [first, ...others] = group.slice(0, middle);
  const [second, ...rest] = group.slice(middle);
  return first === undefined || second === undefined
    ? undefined
    : [
        [first, ...others],
        [second, ...rest],
      ];
}

function isCutOff({ result }: GroupRun): boolean {
  return result.outcome === 'cancelled' || result.outcome === 'lost';
}

/** A part that does not run, because the run before it was cut off. */
function notRun(part: TaskGroup, before: GroupRun): GroupRun {
  const outcomes = part.map(({ taskId }): TaskOutcome => ({
    status: 'failure',
    taskId,
    text: failureText(endOf(before.result)),
    time: null,
  }));
  return { ...before, outcomes };
}

function joined(parts: readonly [GroupRun, GroupRun]): GroupRun {
  const [first, second] = parts;
  const telling = parts.find(isCutOff) ?? parts.find(({ result }) => result.outcome !== 'succeeded') ?? second;
  return { run: telling.run, result: telling.result, outcomes: [...first.outcomes, ...second.outcomes] };
}
