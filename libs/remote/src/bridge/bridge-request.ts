import { connect, type Socket } from 'node:net';
import type { AgentRequest, AgentResponse } from '../connection/agent-transport.js';
import { exchange } from '../connection/http-over-stream.js';
import { BridgeUnavailableError } from './bridge-errors.js';

/** One request to the bridge. @throws BridgeUnavailableError when nobody listens on its socket. */
export async function bridgeRequest(socketPath: string, request: AgentRequest): Promise<AgentResponse> {
  const socket = await openSocket(socketPath);
  return exchange(socket, request);
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const failed = (error: Error) => {
      reject(new BridgeUnavailableError(path, error));
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}
