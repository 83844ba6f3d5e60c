import type { LeaseFence, RunCommand, RunOrigin, RunResult } from '@build-machines/protocol';
import type { TransportFactory } from '../connection/agent-transport.js';
import { openRunClient } from '../workspace-state/run-clients.js';
import { workspaceId } from '../workspace-state/workspace-id.js';
import { deadClients, RunAttempt } from './run-attempt.js';
import type { RunProgress } from './run-progress.js';
import type { ListSources, SourceList } from './source-list.js';
import type { SyncFigures } from './submit.js';

export interface RunRemotelyOptions {
  readonly connect: TransportFactory;
  /** Absolute path. */
  readonly workspaceRoot: string;
  readonly machine: string;
  /** Login name on the workstation: part of whose mirror it is. */
  readonly user: string;
  /** All that the run shall see. */
  readonly sources: ListSources;
  readonly command: RunCommand;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Aborting it cancels the run on the machine. */
  readonly signal?: AbortSignal;
  /** How long to try to get a lost connection back, in milliseconds; default 10 minutes. */
  readonly reconnectFor?: number;
  /** The lease on the machine, for it to check. */
  readonly lease?: LeaseFence;
  /**
   * Only attach to the run, if it is there. @throws RemoteReportedError `run-unknown` otherwise.
   */
  readonly join?: boolean;
  /** Whether a run that the machine lost is submitted to it once more; false: the caller decides. Default: true. */
  readonly resubmit?: boolean;
}

/** How a run ended, and what it took. */
export interface RemoteRun {
  readonly result: RunResult;
  readonly origin: RunOrigin;
  readonly sync: SyncFigures;
  /** What it saw; undefined for one that was cancelled before it was sent. */
  readonly sources: SourceList | undefined;
}

/**
 * Makes the machine's mirror hold exactly the listed sources and runs a command in it. Survives the loss of the
 * connection (the run goes on, the log is continued) and, once, the loss of the machine (the run is submitted again);
 * a failed build is never repeated. Resolves when the run is over, whatever its outcome; within 4 s after `signal` with
 * outcome `cancelled`, unless the run ended otherwise by then. A run that was cancelled before the machine had accepted
 * it has the identity of one without a toolchain.
 * @throws what `sources` throws, the classes in run-errors.ts and connection-errors.ts; RemoteReportedError for what the agent
 * refuses. The mirror is untouched after a refusal.
 */
export async function runRemotely(options: RunRemotelyOptions): Promise<RemoteRun> {
  const { signal } = options;
  const { workspaceRoot, machine, command } = options;
  const id = await workspaceId(workspaceRoot);
  const dead = await deadClients(workspaceRoot, machine);
  const client = await openRunClient(workspaceRoot, machine, command.label);
  const attempt = new RunAttempt(options, { id, client, dead });
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    if (signal?.aborted === true) resolve();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const work = signal?.aborted === true ? new Promise<never>(() => undefined) : attempt.toEnd();
    const cancelled = aborted.then(() => attempt.cancel(work));
    return await Promise.race([work.catch((error: unknown) => giveWay(error, signal, cancelled)), cancelled]);
  } finally {
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    attempt.close();
    await (attempt.mayGoOn ? client.leave() : client.end());
  }
}

/** After an abort, the failures that it causes are not news: the cancellation has the word. */
function giveWay(error: unknown, signal: AbortSignal | undefined, cancelled: Promise<RemoteRun>): Promise<RemoteRun> {
  if (signal?.aborted === true) return cancelled;
  throw error;
}
