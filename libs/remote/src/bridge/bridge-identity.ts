import { text } from 'node:stream/consumers';
import type { StateFolder } from '@build-machines/machines';
import { bridgeFiles } from './bridge-files.js';
import { BridgeIdentity } from './bridge-protocol.js';
import { bridgeRequest } from './bridge-request.js';

/** How long a healthy bridge takes to say who it is, at most, in milliseconds. */
const ANSWER_WITHIN = 2_000;

/** Who serves on the bridge's socket; undefined when nobody answers there in time. */
export async function bridgeIdentity(
  state: StateFolder,
  withinMs: number = ANSWER_WITHIN,
): Promise<BridgeIdentity | undefined> {
  try {
    const request = { method: 'GET', path: '/identity', signal: AbortSignal.timeout(withinMs) } as const;
    const { body } = await bridgeRequest(bridgeFiles(state).socket, request);
    return BridgeIdentity.parse(JSON.parse(await text(body)));
  } catch {
    return undefined; // Not there, wedged, or of a version that speaks otherwise.
  }
}
