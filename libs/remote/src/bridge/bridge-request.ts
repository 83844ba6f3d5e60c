import { hasErrorCode } from '@build-machines/machines';
import type { AgentRequest, AgentResponse } from '../connection/agent-transport.js';
import { requestAtSocket } from '../connection/unix-socket.js';
import { BridgeUnavailableError } from './bridge-errors.js';

/** What `connect` says of a socket on which nobody listens, or which is not there (unix(7), connect(2)). */
const NOBODY_LISTENS = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EACCES', 'EINVAL'];

/** One request to the bridge. @throws BridgeUnavailableError when nobody listens on its socket. */
export async function bridgeRequest(socketPath: string, request: AgentRequest): Promise<AgentResponse> {
  try {
    return await requestAtSocket(socketPath, request);
  } catch (error) {
    if (!hasErrorCode(error, ...NOBODY_LISTENS)) throw error;
    throw new BridgeUnavailableError(socketPath, error);
  }
}
