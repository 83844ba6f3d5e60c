import type { MachineAccess } from '@build-machines/machines';
import type { Client, ClientChannel } from 'ssh2';
import { SIGN_OF_LIFE, type AgentRequest, type AgentResponse, type AgentTransport } from './agent-transport.js';
import type { ExecExit, ExecRequest } from './agent-transport.js';
import { AgentDownError, AgentHangsError, ConnectionLostError, ForwardingRefusedError } from './connection-errors.js';
import { execOverSsh } from './exec-over-ssh.js';
import { exchange } from './http-over-stream.js';
import { openSshClient } from './ssh-client.js';

/** RFC 4254, section 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED and SSH_OPEN_CONNECT_FAILED. */
const OPEN_FAILURE = { prohibited: 1, connectFailed: 2 };

/** Time for sshd to open a channel to the agent's socket, in milliseconds. */
const CHANNEL_TIMEOUT = 10_000;

/** Time for an agent that was reached to give a sign of life, in milliseconds. */
const SIGN_OF_LIFE_WITHIN = 4_000;

/** A transport over an SSH connection of its own, and whether that still lives. */
export interface DirectTransport extends AgentTransport {
  readonly alive: boolean;
  /** Calls back once when the connection has ended, at once if it has. */
  onEnd(listener: () => void): void;
}

/**
 * Connects to a machine's agent over SSH, without the bridge.
 * @throws one of the classes in connection-errors.ts; the signal's reason when it is aborted.
 */
export async function connectDirect(
  access: MachineAccess,
  options: { readonly signal?: AbortSignal } = {},
): Promise<DirectTransport> {
  const client = await openSshClient(access, options.signal);
  return overClient(client, access);
}

function overClient(client: Client, access: MachineAccess): DirectTransport {
  let alive = true;
  client.once('close', () => {
    alive = false;
  });
  return {
    get alive() {
      return alive;
    },
    onEnd(listener) {
      if (alive) client.once('close', listener);
      else listener();
    },
    async request(request: AgentRequest): Promise<AgentResponse> {
      const channel = await openAgentChannel(client, access, request.signal);
      try {
        return await (request.path === SIGN_OF_LIFE.path
          ? signOfLife(channel, request, access)
          : exchange(channel, request));
      } catch (error) {
        if (error instanceof AgentHangsError || !isTransportFailure(error, request)) throw error;
        throw new ConnectionLostError(access, (error as Error).message, error);
      }
    },
    exec(command: string, request: ExecRequest): Promise<ExecExit> {
      return execOverSsh(client, access, command, request);
    },
    close() {
      client.end();
      // A peer that does not answer must not keep this process alive.
      setTimeout(() => client.destroy(), 500).unref();
    },
  };
}

/** @throws AgentHangsError when the agent behind `channel` stays silent; else as `exchange`. */
async function signOfLife(
  channel: ClientChannel,
  request: AgentRequest,
  { name }: MachineAccess,
): Promise<AgentResponse> {
  const over = new AbortController();
  const timer = setTimeout(() => {
    over.abort(new AgentHangsError(name, SIGN_OF_LIFE_WITHIN));
  }, SIGN_OF_LIFE_WITHIN);
  const signal = request.signal === undefined ? over.signal : AbortSignal.any([request.signal, over.signal]);
  try {
    return await exchange(channel, { ...request, signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Errors of the request's own body and aborts keep their identity; all else is the connection's. */
function isTransportFailure(error: unknown, request: AgentRequest): boolean {
  if (request.signal?.aborted === true) return false;
  const body = request.body;
  return body === undefined || Buffer.isBuffer(body) || body.errored !== error;
}

function openAgentChannel(client: Client, access: MachineAccess, signal?: AbortSignal): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const lost = () => {
      settle(() => {
        reject(new ConnectionLostError(access, 'it ended while a channel was being opened'));
      });
    };
    const aborted = () => {
      settle(() => {
        reject(signal?.reason as Error);
      });
    };
    const timer = setTimeout(lost, CHANNEL_TIMEOUT);
    let settled = false;
    const settle = (done: () => void) => {
      settled = true;
      clearTimeout(timer);
      client.off('close', lost);
      signal?.removeEventListener('abort', aborted);
      done();
    };
    client.once('close', lost);
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted === true) {
      aborted();
      return;
    }
    try {
      client.openssh_forwardOutStreamLocal(access.agentSocket, (error, channel) => {
        if (settled) {
          if (error === undefined) channel.destroy();
          return;
        }
        settle(() => {
          if (error === undefined) resolve(channel);
          else reject(classifyChannelFailure(error, access));
        });
      });
    } catch (error) {
      settle(() => {
        reject(new ConnectionLostError(access, 'it had ended before the request', error));
      });
    }
  });
}

function classifyChannelFailure(error: Error & { reason?: number }, access: MachineAccess): Error {
  if (error.reason === OPEN_FAILURE.prohibited) return new ForwardingRefusedError(access, error);
  if (error.reason === OPEN_FAILURE.connectFailed) return new AgentDownError(access, access.agentSocket, error);
  return new ConnectionLostError(access, error.message, error);
}
