import { resolveMachineAccess, type StateFolder } from '@build-machines/machines';
import type { AgentRequest, AgentResponse, AgentTransport, TransportFactory } from '../connection/agent-transport.js';
import { reportedError } from '../connection/agent-answer.js';
import { ConnectionLostError } from '../connection/connection-errors.js';
import { connectDirect, type DirectTransport } from '../connection/direct-transport.js';
import { bridgeFiles } from './bridge-files.js';
import { bridgeIdentity } from './bridge-identity.js';
import { BRIDGE_ERROR, BRIDGE_PROTOCOL } from './bridge-protocol.js';
import { bridgeRequest } from './bridge-request.js';
import { BridgeUnavailableError } from './bridge-errors.js';

/** How long a bridge may take to answer before a client goes around it, in milliseconds. */
const ANSWER_WITHIN = 1_000;

/**
 * A transport over the bridge's warm connection. Commands (exec) take a connection of their own, made when first needed:
 * a terminal must not share one with uploads.
 */
export function connectBridge(state: StateFolder, name: string): AgentTransport {
  const { socket } = bridgeFiles(state);
  const closing = new AbortController();
  let direct: Promise<DirectTransport> | undefined;
  return {
    async request(request: AgentRequest): Promise<AgentResponse> {
      const path = `/machines/${name}/agent${request.path}`;
      const signal = request.signal === undefined ? closing.signal : AbortSignal.any([request.signal, closing.signal]);
      let response: AgentResponse;
      try {
        response = await bridgeRequest(socket, { ...request, path, signal });
      } catch (error) {
        if (error instanceof BridgeUnavailableError || signal.aborted || isOfBody(request, error)) throw error;
        throw new ConnectionLostError({ name, sshHost: '', sshPort: 0 }, 'the bridge ended', error);
      }
      if (response.headers[BRIDGE_ERROR] !== undefined) throw await reportedError(name, response);
      return response;
    },
    async exec(command, request) {
      direct ??= resolveMachineAccess(state, name).then((access) => connectDirect(access, { signal: closing.signal }));
      return (await direct).exec(command, request);
    },
    close() {
      closing.abort(new Error('the transport was closed'));
      direct?.then(
        (transport) => {
          transport.close();
        },
        () => undefined, // Whoever asked for the command has had this error.
      );
    },
  };
}

/** The usual factory: over the bridge while it is there, direct when it is not, and always direct when a fresh way is asked for. */
export function agentConnector(state: StateFolder, name: string): TransportFactory {
  return async ({ signal, fresh = false }) => {
    if (!fresh && (await isBridgeThere(state))) return connectBridge(state, name);
    return connectDirect(await resolveMachineAccess(state, name), { signal });
  };
}

/** Whether a bridge answers that can be talked to. One that is wedged, or of another protocol, the direct way goes around. */
async function isBridgeThere(state: StateFolder): Promise<boolean> {
  const identity = await bridgeIdentity(state, ANSWER_WITHIN);
  return identity?.protocol === BRIDGE_PROTOCOL;
}

function isOfBody({ body }: AgentRequest, error: unknown): boolean {
  return body !== undefined && !Buffer.isBuffer(body) && body.errored === error;
}
