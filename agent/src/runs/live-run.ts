import type { LeaseFence, RunCommand, RunEvent, RunRequest, RunResult, RunState } from '@build-machines/protocol';
import type { Holder } from '../queueing/fifo-gate.js';
import { Cancellation } from './cancellation.js';
import { followLog } from './follow-log.js';
import type { RunFolders } from './run-folder.js';
import type { RunLog } from './run-log.js';
import type { RunProcess, RunRecord } from './run-record.js';

/**
 * A run that has not ended: its record, its log, and who follows it. It belongs to the agent, not to a connection, so
 * followers come and go; when none has been there for `detachedMs` it is cancelled.
 */
export class LiveRun implements Holder {
  readonly cancellation = new Cancellation();
  /** Whether the mirror was brought to its tree. */
  isSynced = false;
  readonly #followers = new Set<symbol>();
  readonly #clients = new Set<string>();
  #lostClients = false;
  #lease: LeaseFence | undefined;
  /** How long it goes on without a follower, and why it ends then. */
  #patience: { readonly ms: number; readonly reason: string };
  #detached: NodeJS.Timeout | undefined;
  #record: RunRecord;

  constructor(
    record: RunRecord,
    readonly command: RunCommand,
    readonly log: RunLog,
    private readonly folders: RunFolders,
    private readonly detachedMs: number,
  ) {
    this.#record = record;
    this.#patience = this.#usualPatience();
    this.#watchDetached();
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** The lease under which it was last asked for. */
  get lease(): LeaseFence | undefined {
    return this.#lease;
  }

  /** Whether all who asked for it are known to be dead. Of clients that gave no name, nobody can know. */
  get isOrphaned(): boolean {
    return this.#lostClients && this.#clients.size === 0;
  }

  /** A client asked for this run: from now on it is theirs too. */
  askedFor({ lease, client }: Pick<RunRequest, 'lease' | 'client'>): void {
    this.#lease = lease ?? this.#lease;
    if (client !== undefined) this.#clients.add(client);
    this.#patience = this.#usualPatience();
    this.#watchDetached();
  }

  /** Cancels it, unless others than the client that cancels asked for it too. */
  cancel(reason: string, client: string | undefined): void {
    if (client !== undefined) {
      this.#clients.delete(client);
      if (this.#clients.size > 0) return;
    }
    this.cancellation.request(reason);
  }

  /** These clients have ended, and come back no more. */
  forgetClients(dead: readonly string[]): void {
    for (const client of dead) if (this.#clients.delete(client)) this.#lostClients = true;
  }

  /** Ends it when nobody follows it for this long, until somebody asks for it again. */
  hurry(ms: number, reason: string): void {
    if (ms >= this.#patience.ms) return;
    this.#patience = { ms, reason };
    this.#watchDetached();
  }

  /** How others name this run when they wait for it. */
  get label(): string {
    return `${this.#record.label} of ${this.#record.workspace.user}`;
  }

  /** Passes into a state and says so in the log. */
  async enter(state: RunState, detail?: string): Promise<void> {
    await this.#save({ state });
    await this.log.append({ type: 'state', state, ...(detail !== undefined && { detail }) });
  }

  /** Records the process before it does anything, so that an agent that dies now finds it later. */
  async started(process: RunProcess): Promise<void> {
    await this.#save({ process });
  }

  async begin(startedAt: string): Promise<void> {
    await this.#save({ startedAt });
  }

  /** Ends the run with its result; the log ends with it. */
  async finish(result: RunResult): Promise<void> {
    await this.log.append({
      type: 'state',
      state: result.outcome,
      ...(result.reason !== null && { detail: result.reason }),
    });
    await this.log.append({ type: 'finished', result });
    await this.#save({ state: result.outcome, result, process: null });
    await this.log.end();
    clearTimeout(this.#detached);
  }

  /** Ends a run that could not begin; followers get the error, and nothing is recorded. */
  async abandon(error?: RunEvent): Promise<void> {
    // First the folder, so that whoever has seen the end finds nothing of it; open readers keep the file.
    await this.folders.remove(this.#record.runId, this.#record.cookie);
    await this.log.end(error);
    clearTimeout(this.#detached);
  }

  /** Reads the log from an event on and follows it; the reader counts as a follower until it ends. */
  async *follow(from: number, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    const follower = Symbol(this.#record.runId);
    this.#followers.add(follower);
    clearTimeout(this.#detached);
    try {
      yield* followLog(this.log, from, signal);
    } finally {
      this.#followers.delete(follower);
      this.#watchDetached();
    }
  }

  #usualPatience(): { ms: number; reason: string } {
    return { ms: this.detachedMs, reason: `nobody followed it for ${Math.round(this.detachedMs / 1000)} s` };
  }

  #watchDetached(): void {
    clearTimeout(this.#detached);
    if (this.#followers.size > 0 || this.log.ended) return;
    const { ms, reason } = this.#patience;
    this.#detached = setTimeout(() => {
      this.cancellation.request(reason);
    }, ms).unref();
  }

  /** A record that cannot be written (disk full) must not end a build; the next change writes it again. */
  async #save(change: Partial<RunRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.folders.save(this.#record).catch(() => undefined);
  }
}
