import { Readable } from 'node:stream';
import type { z } from 'zod';
import type { LogChunk, Run, RunFinish, RunStart } from '../api/runs.js';
import { TopicWatch } from '../events/topic-watch.js';
import { LogOffsetError, RunUnknownError } from './run-errors.js';
import type { RunLogs } from './run-log.js';
import type { RunStore } from './run-store.js';
import { splitAtCharacter } from './split-at-character.js';

/** A run of which nothing was heard for this long is lost. Clients report at least once a minute. */
const LOST_AFTER_MS = 10 * 60_000;
/** What is kept of one log, in bytes. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;
/** How long a reader of a live log waits before it looks again by itself. */
const IDLE_MS = 10_000;

export interface RunServiceOptions {
  store: RunStore;
  logs: RunLogs;
  now: () => number;
  /** How long finished runs are kept, in milliseconds. */
  retentionMs: number;
  onChange: (id: string) => void;
}

/** The history of runs and their logs. */
export class RunService {
  readonly #options: RunServiceOptions;
  readonly #watch = new TopicWatch();
  /** One append at a time per run. */
  readonly #appending = new Map<string, Promise<unknown>>();

  constructor(options: RunServiceOptions) {
    this.#options = options;
    options.store.touchRunning(options.now());
  }

  /** @throws RunUnknownError */
  get(id: string): Run {
    const run = this.#options.store.find(id);
    if (run === undefined) throw new RunUnknownError(id);
    return run;
  }

  start(run: z.output<typeof RunStart>, user: string): Run {
    if (this.#options.store.start(run, user, this.#options.now())) this.#changed(run.id);
    return this.get(run.id);
  }

  /** @throws RunUnknownError */
  finish(id: string, finish: z.output<typeof RunFinish>): Run {
    this.get(id);
    this.#options.store.finish(id, finish, this.#options.now());
    this.#changed(id);
    return this.get(id);
  }

  /** The client says that the run is under way, though it prints nothing. @throws RunUnknownError */
  touch(id: string): void {
    this.get(id);
    this.#options.store.touch(id, this.#options.now());
  }

  /**
   * Appends to a log. Text that the hub has already is skipped, so an append whose answer was lost can be repeated.
   * @returns the length of the log afterwards.
   * @throws LogOffsetError when text before the offset is missing; RunUnknownError.
   */
  append(id: string, offset: number, bytes: Buffer): Promise<number> {
    const previous = this.#appending.get(id) ?? Promise.resolve();
    const next = previous.catch(() => undefined).then(() => this.#append(id, offset, bytes));
    this.#appending.set(id, next);
    const forget = () => {
      if (this.#appending.get(id) === next) this.#appending.delete(id);
    };
    next.then(forget, forget);
    return next;
  }

  /**
   * The log from an offset, as it grows, until the run has ended (or `signal` is aborted). Chunks end at whole
   * characters. @throws RunUnknownError
   */
  async *follow(id: string, offset: number, signal: AbortSignal): AsyncGenerator<LogChunk> {
    let at = offset;
    while (!signal.aborted && !this.#watch.closed) {
      const run = this.get(id);
      const bytes = await this.#options.logs.read(id, at, run.log_bytes);
      const ended = run.outcome !== 'running';
      const text = ended && at + bytes.length === run.log_bytes ? bytes : splitAtCharacter(bytes);
      if (text.length > 0) {
        at += text.length;
        yield { text: text.toString('utf8'), length: at };
        continue;
      }
      if (ended) return;
      await this.#watch.wait(id, IDLE_MS, signal);
    }
  }

  /** The first `length` bytes of a log. */
  text(id: string, length: number): Readable {
    return Readable.from(this.#pieces(id, length), { objectMode: false });
  }

  /** Marks what was silent for too long as lost, and forgets what is old. */
  async sweep(): Promise<void> {
    const now = this.#options.now();
    for (const id of this.#options.store.silentSince(now - LOST_AFTER_MS)) {
      this.#options.store.finish(id, lostFinish, now);
      this.#changed(id);
    }
    for (const id of this.#options.store.prune(now - this.#options.retentionMs)) await this.#options.logs.remove(id);
  }

  close(): void {
    this.#watch.close();
  }

  async *#pieces(id: string, length: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < length;) {
      const bytes = await this.#options.logs.read(id, at, length);
      if (bytes.length === 0) return; // The run was forgotten while it was read.
      at += bytes.length;
      yield bytes;
    }
  }

  async #append(id: string, offset: number, bytes: Buffer): Promise<number> {
    const { log_bytes: length, log_truncated: truncated } = this.get(id);
    const now = this.#options.now();
    // Behind the limit the client goes on counting its own bytes; it is told that they arrived.
    if (truncated) {
      this.#options.store.touch(id, now);
      return offset + bytes.length;
    }
    if (offset > length) throw new LogOffsetError(id, offset, length);
    const fresh = bytes.subarray(length - offset, MAX_LOG_BYTES - offset);
    const cut = offset + bytes.length > MAX_LOG_BYTES;
    if (fresh.length > 0) await this.#options.logs.write(id, length, fresh);
    this.#options.store.setLog(id, length + fresh.length, cut, now);
    this.#watch.notify(id);
    return cut ? offset + bytes.length : length + fresh.length;
  }

  #changed(id: string): void {
    this.#watch.notify(id);
    this.#options.onChange(id);
  }
}

const lostFinish: z.output<typeof RunFinish> = {
  outcome: 'lost',
  exit_code: null,
  signal: null,
  reason: 'nothing was heard of the run for ten minutes',
  cache: 'executed',
  durations_ms: { queue: 0, sync: 0, run: 0, fetch: 0 },
  files_sent: 0,
  bytes_sent: 0,
  bytes_fetched: 0,
  cpu_seconds: null,
  max_rss_bytes: null,
};
