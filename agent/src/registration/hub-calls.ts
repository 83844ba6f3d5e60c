import { readFile } from 'node:fs/promises';
import {
  ErrorBody,
  LiveLeases,
  mappedRegistration,
  RegistrationAnswer,
  type CatalogMapping,
  type CapabilityHeartbeat,
  type CapabilityRegistration,
  type LeaseFence,
} from '@build-machines/protocol';

/** A hub that does not answer within this time, in milliseconds, counts as unreachable. */
const TIMEOUT_MS = 10_000;

/** The hub answered with an error. */
export class HubRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The two calls that a machine makes. Both reject with {@link HubRefusal}, or with the failure of the connection. */
export interface HubCalls {
  /** @returns null: registered at a hub that says nothing of heartbeats, and is sent none. */
  register(registration: CapabilityRegistration, signal: AbortSignal): Promise<RegistrationAnswer | null>;
  /** @returns the leases on this machine; none from a hub that gives none. */
  heartbeat(id: string, heartbeat: CapabilityHeartbeat, signal: AbortSignal): Promise<LeaseFence[]>;
}

/** Where a machine registers. */
export interface HubAddress {
  readonly url: string;
  /** Read again for each call, so that a renewed token needs no restart. Where it is empty, no token is sent. */
  readonly tokenFile: string;
  /** How an existing hub lays out its catalog; null: a hub of build-machines, whose answers must be as we know them. */
  readonly catalog: CatalogMapping | null;
}

export function hubCalls({ url, tokenFile, catalog }: HubAddress): HubCalls {
  const post = async (path: string, body: unknown, signal: AbortSignal): Promise<unknown> => {
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const { answer, text } = await bounded(signal, TIMEOUT_MS, async (bound) => {
      const answer = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
        method: 'POST',
        headers: { ...(token !== '' && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: bound,
      });
      return { answer, text: await answer.text() };
    });
    if (!answer.ok) throw new HubRefusal(answer.status, `the hub answered ${answer.status}: ${refusalIn(text)}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    register: async (registration, signal) => {
      if (catalog === null) return RegistrationAnswer.parse(await post('capability-catalog/', registration, signal));
      const path = catalog.registerPath.replace(/^\/+/, '');
      const answer = RegistrationAnswer.safeParse(await post(path, mappedRegistration(registration, catalog), signal));
      return answer.success ? answer.data : null;
    },
    heartbeat: async (id, heartbeat, signal) => {
      const answer = await post(`capability-catalog/${encodeURIComponent(id)}/heartbeat`, heartbeat, signal);
      return LiveLeases.parse(answer ?? {}).leases;
    },
  };
}

/** What a refusal says for people: a hub of build-machines says what to do next, too. Bounded, for logs and reports. */
function refusalIn(text: string): string {
  try {
    const { message, hint } = ErrorBody.parse(JSON.parse(text));
    return `${message}. ${hint}`.trim().slice(0, 1000);
  } catch {
    return text.slice(0, 300);
  }
}

/** Bounds a call in time and by a signal, as AbortSignal.any would, which Node 18 lacks; leaves no listener behind. */
async function bounded<T>(signal: AbortSignal, ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    controller.abort(new Error(`the hub did not answer within ${ms / 1000} s`));
  }, ms);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
