import { connect, type Socket } from 'node:net';
import type { AgentRequest, AgentResponse } from './agent-transport.js';
import { exchange } from './http-over-stream.js';

/** One HTTP request over a connection of its own to a Unix socket. Rejects with the system's error of `connect`. */
export async function requestAtSocket(path: string, request: AgentRequest): Promise<AgentResponse> {
  return exchange(await openSocket(path), request);
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
