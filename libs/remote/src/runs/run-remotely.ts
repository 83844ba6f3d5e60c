import {
  RemoteReportedError,
  RunOrigin,
  type LeaseFence,
  type RunCommand,
  type RunResult,
  type SyncScope,
} from '@build-machines/protocol';
import { expectSuccess } from '../connection/agent-answer.js';
import type { TransportFactory } from '../connection/agent-transport.js';
import { recordKnownScope } from '../workspace-state/known-manifest.js';
import {
  forgetRunClients,
  openRunClient,
  type OwnRunClient,
  type RunClient,
  runClients,
} from '../workspace-state/run-clients.js';
import { workspaceId } from '../workspace-state/workspace-id.js';
import { workspaceState } from '../workspace-state/workspace-state.js';
import { AgentLink } from './agent-link.js';
import { cancelRun, CANCEL_WITHIN } from './cancel.js';
import { RunFollower } from './follow.js';
import { resultWithoutAgent } from './result-without-agent.js';
import type { RunProgress } from './run-progress.js';
import type { Submission } from './submission.js';
import { submit, type Submitted, type SyncFigures } from './submit.js';

export interface RunRemotelyOptions {
  readonly connect: TransportFactory;
  /** Absolute path. */
  readonly workspaceRoot: string;
  readonly machine: string;
  /** Login name on the workstation: part of whose mirror it is. */
  readonly user: string;
  readonly scope: SyncScope;
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
}

/**
 * Brings the machine's mirror to the workspace's state in `scope` and runs a command in it. Survives the loss of the
 * connection (the run goes on, the log is continued) and, once, the loss of the machine (the run is submitted again);
 * a failed build is never repeated. Resolves when the run is over, whatever its outcome; within 4 s after `signal` with
 * outcome `cancelled`, unless the run ended otherwise by then. A run that was cancelled before the machine had accepted
 * it has the identity of one without a toolchain.
 * @throws the classes in sync-errors.ts, run-errors.ts and connection-errors.ts; RemoteReportedError for what the agent
 * refuses. The mirror is untouched after a refusal.
 */
export async function runRemotely(options: RunRemotelyOptions): Promise<RemoteRun> {
  const { signal } = options;
  const { workspaceRoot, machine, command } = options;
  const id = await workspaceId(workspaceRoot);
  const dead = (await runClients(workspaceRoot)).filter((client) => client.isDead && client.machine === machine);
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
    await client.end();
  }
}

/** After an abort, the failures that it causes are not news: the cancellation has the word. */
function giveWay(error: unknown, signal: AbortSignal | undefined, cancelled: Promise<RemoteRun>): Promise<RemoteRun> {
  if (signal?.aborted === true) return cancelled;
  throw error;
}

/** So many dead clients are named in one request; see the protocol. */
const MAX_DEAD = 1000;

/** Contents may vanish under a request that waits for its mirror; it is sent again this often. */
const RESENDS = 3;

/** One call of runRemotely: what was submitted, where it stands. */
class RunAttempt {
  readonly #end = new AbortController();
  readonly #link: AgentLink;
  readonly #progress: (progress: RunProgress) => void;
  readonly #submission: Submission;
  #sentWhole = false;
  #runId: string | undefined;
  #submitted: Submitted | undefined;
  readonly #startedAt = new Date();

  constructor(
    readonly options: RunRemotelyOptions,
    readonly from: { readonly id: string; readonly client: OwnRunClient; readonly dead: readonly RunClient[] },
  ) {
    const { connect, workspaceRoot, machine, user, scope, command, lease, join, reconnectFor } = options;
    const { id, client, dead } = from;
    this.#progress = options.onProgress ?? (() => undefined);
    this.#link = new AgentLink(machine, connect, {
      patience: reconnectFor ?? 600_000,
      onProgress: this.#progress,
      signal: this.#end.signal,
    });
    this.#submission = {
      workspaceRoot,
      workspace: { id, user },
      machine,
      scope,
      command,
      lease,
      join,
      client: client.id,
      deadClients: dead.map((one) => one.id).slice(0, MAX_DEAD),
      onProgress: this.#progress,
      onSent: () => {
        this.#sentWhole = true;
      },
      signal: this.#end.signal,
    };
  }

  close(): void {
    this.#end.abort(new Error('the run is over'));
    this.#link.drop();
  }

  /** Submits and follows, a second time when the machine was lost. */
  async toEnd(): Promise<RemoteRun> {
    const first = await this.#untilTaken();
    if (first.result !== undefined && first.result.outcome !== 'lost') return { ...first, result: first.result };
    if (this.options.resubmit === false || this.options.join === true)
      return { ...first, result: first.result ?? this.#unknownResult('lost', 'the machine does not know the run') };
    this.#progress({
      type: 'resubmitted',
      reason: first.result?.reason ?? 'the machine does not know the run any more',
    });
    const second = await this.#untilTaken();
    return { ...second, result: second.result ?? this.#unknownResult('lost', 'the machine lost the run twice') };
  }

  /**
   * A request that waits behind another run can lose contents that the machine had when it was accepted, which the log
   * then says. The next one is told of them at once, and sends them.
   */
  async #untilTaken(): Promise<Omit<RemoteRun, 'result'> & { result: RunResult | undefined }> {
    for (let resends = 0; ; resends++) {
      try {
        return await this.#once();
      } catch (error) {
        const vanished = error instanceof RemoteReportedError && error.code === 'content-missing';
        if (!vanished || resends >= RESENDS) throw error;
      }
    }
  }

  async #once(): Promise<Omit<RemoteRun, 'result'> & { result: RunResult | undefined }> {
    this.#sentWhole = false;
    this.#runId = undefined;
    let submitted = await this.#submit();
    let origin = RunOrigin.parse(submitted.response.headers['x-run-origin'] ?? 'started');
    const follower = this.#follower(() => [origin, submitted]);
    let body: Submitted['response']['body'] | undefined = submitted.response.body;
    const result = await this.#link.use(async (transport) => {
      if (body === undefined && follower.runId === undefined) {
        // The connection went before the run had told its name. The same request finds it: its identity is the same.
        submitted = await submit(transport, '/v1/runs', this.#submission);
        origin = RunOrigin.parse(submitted.response.headers['x-run-origin'] ?? 'started');
        body = submitted.response.body;
      }
      const events = body ?? (await this.#continue(transport, follower));
      body = undefined;
      return events === undefined ? undefined : follower.read(events);
    });
    return { result, origin, sync: submitted.sync };
  }

  async #submit(): Promise<Submitted> {
    this.#submitted = await this.#link.use((transport) => submit(transport, '/v1/runs', this.#submission));
    const { client, dead } = this.from;
    const { workspaceRoot, command } = this.options;
    await client.accepted();
    // Those of other tasks stay: these find by them where their own runs are.
    await forgetRunClients(
      workspaceRoot,
      dead.filter(({ label }) => label === command.label),
    );
    return this.#submitted;
  }

  /** The rest of the log; undefined when the machine does not know the run. */
  async #continue(
    transport: Parameters<typeof submit>[0],
    follower: RunFollower,
  ): Promise<Submitted['response']['body'] | undefined> {
    const { machine, signal } = this.#submission;
    const response = await transport.request({ method: 'GET', path: follower.continuation, signal });
    try {
      await expectSuccess(machine, response);
      return response.body;
    } catch (error) {
      if (error instanceof RemoteReportedError && error.code === 'run-unknown') return undefined;
      throw error;
    }
  }

  #follower(current: () => [RunOrigin, Submitted]): RunFollower {
    const { machine, workspaceRoot } = this.#submission;
    let recorded = false;
    return new RunFollower(machine, workspaceRoot, {
      progress: this.#progress,
      sign: () => {
        this.#link.progressed();
      },
      accepted: (runId, toolchain) => {
        this.#runId = runId;
        this.#progress({ type: 'accepted', runId, origin: current()[0], toolchain });
      },
      state: async (state) => {
        const [origin, submitted] = current();
        // `attached` and `reused` runs were synced by another request; what the mirror holds now is not ours to say.
        // A run that waits for its mirror is `queued` before its sync was applied; once it runs, it was.
        if (recorded || submitted.isRecorded || origin !== 'started' || state !== 'running') return;
        recorded = true;
        await this.#recordApplied(submitted);
      },
    });
  }

  async #recordApplied({ scan }: Submitted): Promise<void> {
    const { workspaceRoot, machine, workspace } = this.#submission;
    await recordKnownScope(workspaceState(workspaceRoot), machine, workspace.id, scan);
  }

  /** Cancels on the machine, and waits for `work` to hear of it as long as the time allows. */
  async cancel(work: Promise<RemoteRun>): Promise<RemoteRun> {
    this.#progress({ type: 'cancelling' });
    const deadline = AbortSignal.timeout(CANCEL_WITHIN);
    const cancelled = () => this.#asRun(this.#unknownResult('cancelled', 'cancelled on the workstation'));
    if (!this.#sentWhole) {
      // The request is cut off inside its body, which no agent acts on.
      this.close();
      return cancelled();
    }
    const { machine, workspace, command } = this.#submission;
    const target = this.#runId === undefined ? { workspace, label: command.label } : { runId: this.#runId };
    const { connect } = this.options;
    const confirmed = await cancelRun(target, {
      machine,
      client: this.from.client.id,
      connect,
      current: this.#link.current,
      signal: deadline,
    });
    if (!confirmed)
      this.#progress({ type: 'cancel-unconfirmed', reason: `machine "${machine}" could not be told within 4 s` });
    const over = new Promise<undefined>((resolve) => {
      const ended = () => {
        resolve(undefined);
      };
      if (deadline.aborted) ended();
      else deadline.addEventListener('abort', ended, { once: true });
    });
    const result = await Promise.race([work.catch(() => undefined), over]);
    return result ?? cancelled();
  }

  #asRun(result: RunResult): RemoteRun {
    const none = { filesScanned: 0, filesHashed: 0, filesSent: 0, bytesSent: 0, filesRemoved: 0 };
    return { result, origin: 'started', sync: this.#submitted?.sync ?? none };
  }

  #unknownResult(outcome: 'cancelled' | 'lost', reason: string): RunResult {
    return resultWithoutAgent(outcome, reason, {
      submission: this.#submission,
      runId: this.#runId,
      treeDigest: this.#submitted?.scan.digest,
      startedAt: this.#startedAt,
    });
  }
}
