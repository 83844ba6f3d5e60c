import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '@build-machines/machines';
import type { AgentTransport, TransportFactory } from '../connection/agent-transport.js';
import { watchedTransport } from '../connection/watched-transport.js';
import { isPassingFailure } from '../connection/connection-errors.js';
import { ReconnectGaveUpError } from './run-errors.js';
import type { RunProgress } from './run-progress.js';

/**
 * How long to wait for an agent that is down although its machine answers, in milliseconds, when nothing ever came from
 * it: it may have ended with our first request, and its supervisor starts it again within seconds or not at all.
 */
const RESTART_PATIENCE = 10_000;

/**
 * How long to wait for a machine that cannot be reached any more, in milliseconds, when nothing ever came from it: no run
 * of ours goes on there. A tunnel whose network was cut is noticed within 45 s and back soon after, or its machine is gone.
 */
const UNREACHABLE_PATIENCE = 60_000;

/** Pause before the n-th attempt, in milliseconds: doubling from a quarter second to 15 s, of it 50 to 100 %. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  return Math.round(Math.min(15_000, 250 * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2));
}

/**
 * The way to the agent during one run: opened when needed, opened anew when it was lost. A way that never worked is not
 * tried again, so that a machine that is down is reported at once.
 */
export class AgentLink {
  #transport: AgentTransport | undefined;
  #proven = false;
  /** When the connection was lost, and how often it was tried to get it back since; undefined while all is well. */
  #loss: { readonly at: number; attempts: number } | undefined;

  constructor(
    readonly machine: string,
    readonly connect: TransportFactory,
    readonly options: {
      /** How long to try to get a lost connection back, in milliseconds. */
      readonly patience: number;
      /** As RESTART_PATIENCE, which is the default. */
      readonly restartPatience?: number;
      /** As UNREACHABLE_PATIENCE, which is the default. */
      readonly unreachablePatience?: number;
      readonly onProgress: (progress: RunProgress) => void;
      readonly signal: AbortSignal;
    },
  ) {}

  /** The open transport, if there is one. */
  get current(): AgentTransport | undefined {
    return this.#transport;
  }

  /**
   * Does `work` over a transport; when the connection is lost under it, again over a new one, for as long as patience
   * lasts without success. `work` must be safe to repeat; while it takes long, it tells of its progress.
   */
  async use<T>(work: (transport: AgentTransport) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await work(await this.#open());
        this.progressed();
        return result;
      } catch (error) {
        this.options.signal.throwIfAborted();
        this.drop();
        const wasThere = this.#proven || this.#loss !== undefined || hasErrorCode(error, 'connection-lost');
        if (!wasThere || !isPassingFailure(error)) throw error;
        this.#loss ??= { at: performance.now(), attempts: 0 };
        const waited = performance.now() - this.#loss.at;
        const patience = this.#patience(error);
        if (waited > patience) {
          // A machine or an agent that is down is its own explanation.
          const isExplained = !this.#proven && !hasErrorCode(error, 'connection-lost');
          throw isExplained ? error : new ReconnectGaveUpError(this.machine, waited / 1000, error);
        }
        await this.#pause(this.#loss.attempts++, error, { lostForMs: waited, giveUpInMs: patience - waited });
      }
    }
  }

  #patience(error: unknown): number {
    const { patience, restartPatience = RESTART_PATIENCE, unreachablePatience = UNREACHABLE_PATIENCE } = this.options;
    if (this.#proven) return patience;
    return Math.min(patience, hasErrorCode(error, 'agent-down') ? restartPatience : unreachablePatience);
  }

  /** Something came from the agent: the connection works, and its next loss is a new one. */
  progressed(): void {
    this.#proven = true;
    this.#loss = undefined;
  }

  /** Closes the transport; the next use opens another. */
  drop(): void {
    this.#transport?.close();
    this.#transport = undefined;
  }

  async #open(): Promise<AgentTransport> {
    if (this.#transport !== undefined) return this.#transport;
    const afterLoss = this.#loss !== undefined;
    const transport = await this.connect({ signal: this.options.signal, fresh: afterLoss });
    this.#transport = watchedTransport(transport, this.machine);
    if (afterLoss) this.options.onProgress({ type: 'reconnected' });
    return this.#transport;
  }

  async #pause(attempt: number, error: unknown, times: { lostForMs: number; giveUpInMs: number }): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    const retryInMs = reconnectDelay(attempt);
    this.options.onProgress({ type: 'connection-lost', reason, attempt: attempt + 1, retryInMs, ...times });
    await sleep(retryInMs, undefined, { signal: this.options.signal });
  }
}
