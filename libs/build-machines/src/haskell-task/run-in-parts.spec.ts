import { failureText } from '@build-machines/haskell';
import type { RunResult } from '@build-machines/protocol';
import type { RemoteRun } from '@build-machines/remote';
import type { GroupRun } from './run-group.js';
import { runInParts } from './run-in-parts.js';
import type { CabalTask, TaskGroup } from './task-groups.js';
import type { TaskOutcome } from './task-outcome.js';

function groupOf(...names: string[]): TaskGroup {
  const [first, ...others] = names.map((taskId) => ({ taskId }) as CabalTask);
  if (first === undefined) throw new Error('a group has tasks');
  return [first, ...others];
}

/** What cabal does about some tasks: it runs them, or says why there is no plan for them. */
type Cabal = (names: readonly string[]) => { outcome?: RunResult['outcome']; unplanned?: string };

async function trial(names: readonly string[], cabal: Cabal) {
  const runs: string[] = [];
  const run = (part: TaskGroup): Promise<GroupRun> => {
    const tasks = part.map(({ taskId }) => taskId);
    runs.push(tasks.join(' '));
    const { outcome = 'succeeded', unplanned } = cabal(tasks);
    const result = { outcome: unplanned === undefined ? outcome : 'failed', reason: 'it was stopped' } as RunResult;
    const outcomes = tasks.map((taskId): TaskOutcome =>
      result.outcome === 'succeeded'
        ? ({ status: 'success', taskId } as TaskOutcome)
        : { status: 'failure', taskId, text: failureText(unplanned ?? 'failed'), time: null },
    );
    return Promise.resolve({ run: {} as RemoteRun, result, outcomes, unplanned });
  };
  const ended = await runInParts(groupOf(...names), run, () => undefined);
  const texts = ended.outcomes.map((task) => [task.taskId, task.status === 'success' ? 'ok' : task.text.trim()]);
  return { runs, outcome: ended.result.outcome, texts: Object.fromEntries(texts) as Record<string, string> };
}

/** Refuses whatever holds one of the bad tasks, naming the first of them. */
const refusing =
  (...bad: string[]): Cabal =>
  (names) => {
    const culprit = bad.find((name) => names.includes(name));
    return culprit === undefined ? {} : { unplanned: `no plan for ${culprit}` };
  };

describe('a batch', () => {
  it('is one invocation where there is a plan, whatever fails then', async () => {
    expect((await trial(['a', 'b'], () => ({}))).runs).toEqual(['a b']);
    expect((await trial(['a', 'b'], () => ({ outcome: 'failed' }))).runs).toEqual(['a b']);
  });

  it('fails alone for the task that has no plan', async () => {
    const { texts, outcome } = await trial(['a', 'b', 'c', 'd', 'e'], refusing('d'));
    expect(texts).toEqual({ a: 'ok', b: 'ok', c: 'ok', d: 'no plan for d', e: 'ok' });
    expect(outcome).toBe('failed');
  });

  it('gives each of several tasks without a plan its own words', async () => {
    const { texts } = await trial(['a', 'b', 'c', 'd'], refusing('a', 'b', 'd'));
    expect(texts).toEqual({ a: 'no plan for a', b: 'no plan for b', c: 'ok', d: 'no plan for d' });
  });

  it('finds one bad task among a hundred in a few invocations', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `t${index}`);
    const { runs, texts } = await trial(names, refusing('t61'));
    expect(Object.values(texts).filter((text) => text !== 'ok')).toEqual(['no plan for t61']);
    expect(runs.length).toBeLessThan(16);
  });

  it('succeeds where tasks have no plan together, but each has one', async () => {
    const both: Cabal = (names) =>
      names.includes('q') && names.includes('r') ? { unplanned: 'q and r need each other' } : {};
    const { texts, outcome } = await trial(['q', 'r', 's'], both);
    expect(texts).toEqual({ q: 'ok', r: 'ok', s: 'ok' });
    expect(outcome).toBe('succeeded');
  });

  it('is not taken apart further where the reason lies in none of its tasks', async () => {
    const names = Array.from({ length: 64 }, (_, index) => `t${index}`);
    const { runs, texts } = await trial(names, () => ({ unplanned: 'cabal.project does not parse' }));
    expect(runs).toHaveLength(3);
    expect(new Set(Object.values(texts))).toEqual(new Set(['cabal.project does not parse']));
  });

  it('runs nothing more when a part was cut off', async () => {
    const cabal: Cabal = (names) => (names.length > 2 ? { unplanned: 'no plan' } : { outcome: 'cancelled' });
    const { runs, texts, outcome } = await trial(['a', 'b', 'c', 'd'], cabal);
    expect(runs).toEqual(['a b c d', 'a b']);
    expect(outcome).toBe('cancelled');
    expect(texts['c']).toBe('Cancelled: it was stopped.');
  });
});
