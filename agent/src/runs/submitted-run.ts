import type { RunOrigin, SyncStage } from '@build-machines/protocol';
import { finishedLog, followLog } from './follow-log.js';
import type { LiveRun } from './live-run.js';
import type { RunContext } from './run-context.js';
import type { RunRecord } from './run-record.js';

/** A run as a client gets to see it. */
export interface SubmittedRun {
  readonly origin: RunOrigin;
  readonly runId: string;
  /** Of a run that was started: whether its sync is in the mirror, or its contents wait for the mirror's lock. */
  readonly sync?: SyncStage;
  /** NDJSON of the run's events from `from` on, until its end. */
  follow(from: number, signal: AbortSignal): AsyncGenerator<Buffer, void>;
}

/** A live run, for one who joins it. */
export function attached(run: LiveRun): SubmittedRun {
  return { origin: 'attached', runId: run.record.runId, follow: (from, signal) => run.follow(from, signal) };
}

/** A finished run, from its log. */
export function replayed({ folders }: RunContext, { runId }: RunRecord, origin: RunOrigin): SubmittedRun {
  const file = folders.logFile(runId);
  return {
    origin,
    runId,
    follow: async function* (from, signal) {
      yield* followLog(await finishedLog(file), from, signal);
    },
  };
}
