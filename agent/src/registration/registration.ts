import { setTimeout as pause } from 'node:timers/promises';
import type { AgentInfo, CapabilityHeartbeat, CapabilityRegistration } from '@build-machines/protocol';
import type { Logger } from '../logging/logger.js';
import type { LeaseFences } from '../runs/lease-fences.js';
import { backoffMs, QUICK_TRIES, rejectedMs } from './backoff.js';
import { HubRefusal, type HubCalls } from './hub-calls.js';

export interface RegistrationOptions {
  readonly hub: HubCalls;
  readonly describe: () => CapabilityRegistration;
  readonly pulse: () => Promise<CapabilityHeartbeat>;
  /** Is told which leases the hub has given on this machine. */
  readonly fences: Pick<LeaseFences, 'learn' | 'forget'>;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly random: () => number;
  /** Seconds between heartbeats; default: what the hub says. */
  readonly heartbeatSeconds?: number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

type Status = AgentInfo['hub'];

/** What is told of a hub of another kind: nothing is known of it but that agents register there when they boot. */
const NO_HEARTBEATS = 'another hub, which takes no heartbeats: none are sent';

/**
 * Keeps the machine registered at the hub: registers, sends heartbeats, registers again when the hub forgot it or was
 * away. Builds never depend on it. When the token is refused, or another live machine has this name, the state is
 * `rejected`: logged once, told by `GET /v1/info`, and tried again now and then without a word, since a person may renew
 * the token, and the entry of a machine that this one replaces ends by itself.
 */
export class Registration {
  #status: Status;

  constructor(private readonly options: RegistrationOptions | null) {
    const state = options === null ? 'disabled' : 'registering';
    this.#status = { state, lastHeartbeatAt: null, detail: null };
  }

  get status(): Status {
    return this.#status;
  }

  /** Runs until the signal is aborted, or a hub without heartbeats has the machine. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { options } = this;
    if (options === null) return;
    let failures = 0;
    const wait = options.wait ?? ((ms: number) => pause(ms, undefined, { signal }));
    while (!signal.aborted) {
      try {
        const answer = await options.hub.register(options.describe(), signal);
        options.fences.forget();
        failures = 0;
        if (answer === null) {
          options.logger.info('registered at the hub', { detail: NO_HEARTBEATS });
          this.#set('registered', NO_HEARTBEATS);
          return;
        }
        options.logger.info('registered at the hub', { id: answer.id });
        this.#set('registered', null);
        const intervalMs = (options.heartbeatSeconds ?? answer.heartbeat_seconds) * 1000;
        await this.#beat(options, answer.id, intervalMs, wait, signal);
      } catch (error) {
        if (signal.aborted) return;
        const detail = describeFailure(error);
        if (isRejection(error)) {
          if (this.#status.state !== 'rejected') options.logger.error('the hub rejects this machine', { detail });
          this.#set('rejected', detail);
          await wait(rejectedMs(options.random()), signal).catch(() => undefined);
          continue;
        }
        failures++;
        const ms = backoffMs(failures, options.random());
        const tries = failures <= QUICK_TRIES ? `${failures} of ${QUICK_TRIES}` : `${failures}, slowly now`;
        options.logger.warn('cannot register at the hub', { try: tries, nextInMs: Math.round(ms), detail });
        this.#set('unreachable', detail);
        await wait(ms, signal).catch(() => undefined);
      }
    }
  }

  /** Sends heartbeats until one fails. A 404 means that the hub forgot the machine: the caller registers again at once. */
  async #beat(
    options: RegistrationOptions,
    id: string,
    intervalMs: number,
    wait: (ms: number, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    let known = JSON.stringify(options.describe().toolchains);
    for (;;) {
      await wait(intervalMs, signal);
      const { toolchains } = options.describe();
      const changed = JSON.stringify(toolchains) !== known;
      const heartbeat = { ...(await options.pulse()), ...(changed && { toolchains }) };
      try {
        options.fences.learn(await options.hub.heartbeat(id, heartbeat, signal));
      } catch (error) {
        // Forgotten, or replaced by a newer session: registering again settles which.
        if (error instanceof HubRefusal && [404, 409].includes(error.status)) return;
        throw error;
      }
      known = JSON.stringify(toolchains);
      this.#status = { state: 'registered', lastHeartbeatAt: options.now().toISOString(), detail: null };
    }
  }

  #set(state: Status['state'], detail: string | null): void {
    this.#status = { ...this.#status, state, detail };
  }
}

/** Bad or foreign token, or a live machine of the same name. */
function isRejection(error: unknown): boolean {
  return error instanceof HubRefusal && [401, 403, 409].includes(error.status);
}

function describeFailure(error: unknown): string {
  // fetch tells only "fetch failed"; the reason is the cause.
  return messageOf(hasCause(error) ? error.cause : error);
}

function hasCause(error: unknown): error is { cause: unknown } {
  return typeof error === 'object' && error !== null && 'cause' in error && error.cause !== undefined;
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
