import type { Server } from 'node:http';
import { chmod, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { removeSocket } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import { isErrno } from '../durable/errno.js';

/** Another agent answers on the socket. */
export class SocketTakenError extends BuildMachinesError {
  readonly code = 'agent-already-running';
  constructor(socket: string) {
    super(`Another agent already listens on ${socket}.`, {
      hint: 'Stop it first (systemctl stop build-agent), or give this one a socket and stateDir of its own.',
    });
  }
}

/**
 * Listens on a Unix socket that only this account can open. A socket file that nobody listens on (its agent was killed) is
 * replaced.
 * @throws SocketTakenError when somebody answers on it.
 */
export async function listenOnSocket(server: Server, socket: string): Promise<void> {
  await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
  if (await answers(socket)) throw new SocketTakenError(socket);
  await removeSocket(socket);
  // The file must never be open to others, not even between bind(2) and chmod(2).
  const umask = process.umask(0o177);
  try {
    server.listen(socket);
    await once(server, 'listening');
  } finally {
    process.umask(umask);
  }
  await chmod(socket, 0o600);
}

async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')) return false;
    throw error;
  } finally {
    connection.destroy();
  }
}
