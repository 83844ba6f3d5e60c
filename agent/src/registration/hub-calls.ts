import { readFile } from 'node:fs/promises';
import { RegistrationAnswer, type CapabilityHeartbeat, type CapabilityRegistration } from '@build-machines/protocol';

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
  register(registration: CapabilityRegistration, signal: AbortSignal): Promise<RegistrationAnswer>;
  heartbeat(id: string, heartbeat: CapabilityHeartbeat, signal: AbortSignal): Promise<void>;
}

/** @param tokenFile read again for each call, so that a renewed token needs no restart. */
export function hubCalls(url: string, tokenFile: string): HubCalls {
  const post = async (path: string, body: unknown, signal: AbortSignal): Promise<unknown> => {
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const answer = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: either(signal, AbortSignal.timeout(TIMEOUT_MS)),
    });
    const text = await answer.text();
    if (!answer.ok) throw new HubRefusal(answer.status, `the hub answered ${answer.status}: ${text.slice(0, 300)}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    register: async (registration, signal) =>
      RegistrationAnswer.parse(await post('capability-catalog/', registration, signal)),
    heartbeat: async (id, heartbeat, signal) => {
      await post(`capability-catalog/${encodeURIComponent(id)}/heartbeat`, heartbeat, signal);
    },
  };
}

/** AbortSignal.any, which Node 18 lacks. */
function either(first: AbortSignal, second: AbortSignal): AbortSignal {
  const controller = new AbortController();
  for (const signal of [first, second]) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener(
      'abort',
      () => {
        controller.abort(signal.reason);
      },
      { once: true, signal: controller.signal },
    );
  }
  return controller.signal;
}
