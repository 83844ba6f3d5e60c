import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as pause } from 'node:timers/promises';
import { isErrno } from '../durable/errno.js';
import { makeExpendable } from '../processes/expendable.js';
import {
  describeProcess,
  endLeftovers,
  membersOf,
  signalAll,
  signalGroup,
  type RunMark,
} from '../processes/run-processes.js';
import { sampleUsage, type Usage } from '../processes/usage-sampler.js';
import { GRACE_MS, type Cancellation } from './cancellation.js';
import type { RunLog } from './run-log.js';
import { watchOutputHolders } from './output-holders.js';
import type { RunProcess } from './run-record.js';

/** How long the pipes of an ended command may stay open without a byte, held by a process that cannot be ended. */
const PIPE_GRACE_MS = 2000;

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly usage: Usage | null;
}

/**
 * Runs one command as leader of its own session and process group, its output going to the log as it comes. On
 * cancellation the group gets SIGINT, then SIGTERM, then SIGKILL; the log says so. When the command has ended, so has
 * all that it started.
 * @param onStart called with the process as soon as it has started.
 */
export async function runProcess(
  command: { argv: readonly string[]; cwd: string; env: NodeJS.ProcessEnv; cookie: string },
  log: RunLog,
  cancellation: Cancellation,
  onStart: (process: RunProcess) => Promise<void>,
): Promise<ProcessEnd> {
  const [file, ...args] = command.argv;
  if (file === undefined) throw new Error('a command without a program passed the schema');
  const child = spawn(file, args, {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) makeExpendable(child.pid);
  // Reading begins in the same turn: Node throws away what nobody reads by the time a short command has ended.
  const pipes = Promise.all([drain(child.stdout, 'stdout', log), drain(child.stderr, 'stderr', log)]);
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  exit.catch(() => undefined);
  const started = await hasStarted(child, file, log);
  if (!started || child.pid === undefined) {
    await pipes;
    return { exitCode: 127, signal: null, usage: null };
  }
  const pid = child.pid;
  const usage = sampleUsage(pid);
  const run = { process: describeProcess(pid) ?? null, cookie: command.cookie };
  if (run.process !== null) await onStart(run.process);
  const ended = new AbortController();
  const unwatch = watchOutputHolders(pid, run, (names) => {
    const left = `left ${names.length} process(es) behind that hold its output: ${[...new Set(names)].join(', ')}`;
    void log.append(notice(`A program that ended ${left}. They were ended, since the command would wait for them.`));
  });
  const escalation = escalate(run, pid, log, cancellation, ended.signal);
  const [exitCode, signal] = await exit;
  ended.abort();
  unwatch();
  await escalation;
  const sampled = usage.stop();
  const left = await endLeftovers({ ...run, leaderJustEnded: true }, 1000, (ms) => pause(ms));
  if (left > 0 && cancellation.reason === null)
    await log.append(notice(`The command left ${left} process(es) behind; they were ended.`));
  await untilStalled(pipes, () => bytesRead(child.stdout) + bytesRead(child.stderr));
  child.stdout.destroy();
  child.stderr.destroy();
  await pipes;
  return { exitCode, signal, usage: sampled };
}

/** Child pipes are sockets, which count what they read; @types/node does not say so. */
function bytesRead(pipe: Readable): number {
  return pipe instanceof Socket ? pipe.bytesRead : 0;
}

/** Waits for the end of the pipes as long as something still comes out of them. */
async function untilStalled(pipes: Promise<unknown>, read: () => number): Promise<void> {
  let settled = false;
  const settling = pipes.then(() => {
    settled = true;
  });
  for (let before = -1; !settled && before !== read();) {
    before = read();
    const timer = new AbortController();
    await Promise.race([settling, pause(PIPE_GRACE_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }
}

async function hasStarted(child: ChildProcess, file: string, log: RunLog): Promise<boolean> {
  try {
    await once(child, 'spawn');
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await log.append(notice(`${file} could not be started on the machine: ${why}`));
    return false;
  }
}

function notice(text: string): { type: 'output'; stream: 'stderr'; text: string } {
  return { type: 'output', stream: 'stderr', text: `[build-machines] ${text}\n` };
}

/** Reads a pipe to its end; a multi-byte character cut by two reads is put together again. */
async function drain(pipe: Readable, stream: 'stdout' | 'stderr', log: RunLog): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const write = async (text: string): Promise<void> => {
    if (text !== '') await log.append({ type: 'output', stream, text });
  };
  try {
    for await (const chunk of pipe) await write(decoder.write(chunk as Buffer));
  } catch (error) {
    // Destroyed above because something still held it open.
    if (!isErrno(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
  await write(decoder.end());
}

async function escalate(
  run: RunMark,
  pid: number,
  log: RunLog,
  cancellation: Cancellation,
  ended: AbortSignal,
): Promise<void> {
  if (!(await aborted(cancellation.signal, ended))) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    if (ended.aborted) return;
    await log.append({
      type: 'state',
      state: 'running',
      detail: `cancelling (${cancellation.reason ?? ''}): ${signal}`,
    });
    signalGroup(pid, signal);
    if (signal === 'SIGKILL') signalAll(membersOf(run), signal);
    // Interrupted by `ended`; then the loop ends.
    await pause(GRACE_MS, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** Resolves with true when the first signal is aborted, with false when the second is before. */
function aborted(first: AbortSignal, second: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (): void => {
      first.removeEventListener('abort', settle);
      second.removeEventListener('abort', settle);
      resolve(first.aborted);
    };
    if (first.aborted || second.aborted) settle();
    else {
      first.addEventListener('abort', settle);
      second.addEventListener('abort', settle);
    }
  });
}
