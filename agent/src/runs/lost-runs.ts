import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { NOTHING_WRITTEN, RunEvent, type RunResult } from '@build-machines/protocol';
import { endLeftovers } from '../processes/run-processes.js';
import { isErrno } from '../durable/errno.js';
import type { RunContext } from './run-context.js';
import { isFinal, type RunRecord } from './run-record.js';

/** Milliseconds that processes of a lost run get to end by themselves. */
const GRACE_MS = 5000;

/**
 * Closes the runs that were alive when the last agent died (it was killed, or the machine went down): what is left of
 * their processes is ended, their logs get an end, and they are recorded as lost. Lost runs are never reused.
 * @returns all records, final now.
 */
export async function closeLostRuns(context: RunContext, records: readonly RunRecord[]): Promise<RunRecord[]> {
  return Promise.all(records.map(async (record) => (isFinal(record.state) ? record : closeLost(context, record))));
}

async function closeLost({ folders, logger, now }: RunContext, record: RunRecord): Promise<RunRecord> {
  const ended = await endLeftovers(record, GRACE_MS, (ms) => pause(ms));
  const result: RunResult = {
    runId: record.runId,
    outcome: 'lost',
    exitCode: null,
    signal: null,
    reason: 'the agent ended while it ran; its processes were ended too',
    startedAt: record.startedAt ?? record.queuedAt,
    finishedAt: now().toISOString(),
    durations: { sync: 0, queue: 0, run: 0, collect: 0 },
    usage: null,
    toolchain: record.toolchain,
    artifacts: null,
    written: NOTHING_WRITTEN,
    received: { files: 0, bytes: 0, removed: 0 },
    logTruncated: false,
  };
  const known = await endLog(folders.logFile(record.runId), result);
  const closed: RunRecord = { ...record, state: known.outcome, process: null, result: known };
  await folders.save(closed);
  if (known === result)
    logger.warn('a run was lost', { runId: record.runId, label: record.label, processesEnded: ended });
  return closed;
}

/**
 * Gives a log its end. A line that was being written when the agent died is cut off, so that line n stays the event with
 * seq n. A log that has its end already (the agent died between writing it and the record) tells how the run ended.
 */
async function endLog(file: string, result: RunResult): Promise<RunResult> {
  let log = Buffer.alloc(0);
  try {
    log = await readFile(file);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  const whole = log.subarray(0, log.lastIndexOf(0x0a) + 1);
  const last = lastEvent(whole);
  if (last?.type === 'finished') return last.result;
  let seq = 0;
  for (const byte of whole) if (byte === 0x0a) seq++;
  const events: RunEvent[] = [
    { type: 'state', seq, state: 'lost', detail: result.reason ?? undefined },
    { type: 'finished', seq: seq + 1, result },
  ];
  const end = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  await writeFile(file, Buffer.concat([whole, Buffer.from(end)]), { mode: 0o600 });
  return result;
}

function lastEvent(lines: Buffer): RunEvent | undefined {
  const text = lines.subarray(lines.lastIndexOf(0x0a, lines.length - 2) + 1).toString();
  return text === '' ? undefined : RunEvent.parse(JSON.parse(text));
}
