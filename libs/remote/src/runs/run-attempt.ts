import { RemoteReportedError, RunOrigin, type RunResult } from '@build-machines/protocol';
import { expectSuccess } from '../connection/agent-answer.js';
import { forgetRunClients, type OwnRunClient, type RunClient, runClients } from '../workspace-state/run-clients.js';
import { AgentLink } from './agent-link.js';
import { cancelRun, CANCEL_WITHIN } from './cancel.js';
import { RunFollower } from './follow.js';
import { resultWithoutAgent } from './result-without-agent.js';
import type { RunProgress } from './run-progress.js';
import type { RemoteRun, RunRemotelyOptions } from './run-remotely.js';
import type { Submission } from './submission.js';
import { submit, type Submitted } from './submit.js';

/** So many dead clients are named in one request; see the protocol. */
const MAX_DEAD = 1000;

/** Clients of the workspace that asked this machine for runs and are dead. */
export async function deadClients(workspaceRoot: string, machine: string): Promise<RunClient[]> {
  return (await runClients(workspaceRoot))
    .filter((client) => client.isDead && client.machine === machine)
    .slice(0, MAX_DEAD);
}

/** Contents may vanish under a request that waits for its mirror; it is sent again this often. */
const RESENDS = 3;

/** One call of runRemotely: what was submitted, where it stands. */
export class RunAttempt {
  readonly #end = new AbortController();
  readonly #link: AgentLink;
  readonly #progress: (progress: RunProgress) => void;
  readonly #submission: Submission;
  #sentWhole = false;
  #isOver = false;
  #runId: string | undefined;
  #submitted: Submitted | undefined;
  readonly #startedAt = new Date();

  constructor(
    readonly options: RunRemotelyOptions,
    readonly from: { readonly id: string; readonly client: OwnRunClient; readonly dead: readonly RunClient[] },
  ) {
    const { connect, workspaceRoot, machine, user, sources, command, lease, join, reconnectFor } = options;
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
      sources,
      command,
      lease,
      join,
      client: client.id,
      deadClients: dead.map((one) => one.id),
      onProgress: this.#progress,
      onSent: () => {
        this.#sentWhole = true;
      },
      signal: this.#end.signal,
    };
  }

  /** Whether the machine may still be about to carry out the run: nothing was heard of its end. */
  get mayGoOn(): boolean {
    return this.#sentWhole && !this.#isOver;
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
        const taken = await this.#once();
        this.#isOver = true;
        return taken;
      } catch (error) {
        this.#isOver = error instanceof RemoteReportedError;
        const vanished = error instanceof RemoteReportedError && error.code === 'content-missing';
        if (!vanished || resends >= RESENDS) throw error;
      }
    }
  }

  async #once(): Promise<Omit<RemoteRun, 'result'> & { result: RunResult | undefined }> {
    this.#sentWhole = false;
    this.#isOver = false;
    this.#runId = undefined;
    let submitted = await this.#submit();
    let origin = RunOrigin.parse(submitted.response.headers['x-run-origin'] ?? 'started');
    const follower = this.#follower(() => origin);
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
    return { result, origin, sync: submitted.sync, sources: submitted.list };
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

  #follower(origin: () => RunOrigin): RunFollower {
    const { machine, workspaceRoot } = this.#submission;
    return new RunFollower(machine, workspaceRoot, {
      progress: this.#progress,
      sign: () => {
        this.#link.progressed();
      },
      accepted: (runId, toolchain) => {
        this.#runId = runId;
        this.#progress({ type: 'accepted', runId, origin: origin(), toolchain });
      },
    });
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
      deadClients: (await deadClients(this.options.workspaceRoot, machine)).map(({ id }) => id),
      connect,
      current: this.#link.current,
      signal: deadline,
    });
    this.#isOver = confirmed;
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
    return { result, origin: 'started', sync: this.#submitted?.sync ?? none, sources: this.#submitted?.list };
  }

  #unknownResult(outcome: 'cancelled' | 'lost', reason: string): RunResult {
    return resultWithoutAgent(outcome, reason, {
      submission: this.#submission,
      runId: this.#runId,
      treeDigest: this.#submitted?.list.digest,
      startedAt: this.#startedAt,
    });
  }
}
