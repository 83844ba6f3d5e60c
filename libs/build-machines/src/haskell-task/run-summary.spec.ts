import { NOTHING_WRITTEN, type RunResult } from '@build-machines/protocol';
import { endOf, judgedEnd } from './run-summary.js';

const result = (rest: Partial<RunResult>): RunResult => ({
  runId: '0',
  outcome: 'failed',
  exitCode: 1,
  signal: null,
  reason: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  durations: { sync: 0, queue: 0, run: 0, collect: 0 },
  usage: null,
  toolchain: {},
  artifacts: null,
  written: NOTHING_WRITTEN,
  received: { files: 0, bytes: 0, removed: 0 },
  logTruncated: false,
  ...rest,
});

it('says nothing about the end of a run that succeeded', () => {
  expect(endOf(result({ outcome: 'succeeded', exitCode: 0 }))).toBeUndefined();
});

it.each([
  [{ exitCode: 2 }, /status 2/],
  [{ exitCode: null, signal: 'SIGKILL' }, /SIGKILL/],
  [{ exitCode: null, reason: "the machine's disk is full" }, /disk is full/],
  [{ outcome: 'cancelled' as const, reason: 'it ran longer than its limit of 5 s' }, /longer than its limit/],
  [{ outcome: 'lost' as const, reason: 'no heartbeat' }, /lost.*no heartbeat/],
  [{ logTruncated: true }, /status 1.*\n.*only a part of the output/],
])('says how a run ended that did not: %j', (rest, words) => {
  expect(endOf(result(rest))).toMatch(words);
});

it.each([
  ['succeeded', { outcome: 'succeeded' as const, exitCode: 0 }, 'succeeded'],
  ['failed by its command: what was built before counts', {}, 'failed'],
  ['failed by its machine, which changed: nothing counts', { exitCode: 0, reason: 'it changed' }, 'cutOff'],
  ['was cancelled', { outcome: 'cancelled' as const }, 'cutOff'],
])('judges a run that %s', (_how, rest, end) => {
  expect(judgedEnd(result(rest))).toBe(end);
});
