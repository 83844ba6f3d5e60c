import type { BuildMachinesError } from '@build-machines/protocol';
import {
  ConnectionTimeoutError,
  HostKeyChangedError,
  KeyRefusedError,
  MachineUnreachableError,
  SshProtocolError,
  type Destination,
} from './connection-errors.js';

/** What ssh2 adds to its errors: the stage (`level`) and the system's code. */
interface SshError extends Error {
  readonly level?: string;
  readonly code?: string | number;
}

const socketFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there, so the machine or its tunnel is down',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'the connection was reset before SSH began, so the tunnel is open but nothing is behind it',
  ENOTFOUND: 'its host name is unknown',
  EAI_AGAIN: 'its host name cannot be looked up now',
};

/** Gives a failure to connect its kind. `hostKey` holds the key that was refused, if one was. */
export function classifyConnectFailure(
  error: SshError,
  to: Destination & { readonly user: string; readonly identityFile: string },
  hostKey: { readonly refused?: string; readonly pinned: string; readonly pinnedType: string },
  timeoutMilliseconds: number,
): BuildMachinesError {
  if (hostKey.refused !== undefined) return new HostKeyChangedError(to, hostKey.refused, hostKey.pinned);
  if (/no matching host key format/i.test(error.message))
    return new HostKeyChangedError(to, `of another type than ${hostKey.pinnedType}`, hostKey.pinned);
  if (error.level === 'client-authentication') return new KeyRefusedError(to, to.user, to.identityFile, error);
  if (error.level === 'client-timeout' || error.code === 'ETIMEDOUT')
    return new ConnectionTimeoutError(to, timeoutMilliseconds, error);
  const failure = typeof error.code === 'string' ? socketFailures[error.code] : undefined;
  if (failure !== undefined) return new MachineUnreachableError(to, failure, error);
  if (error.level === 'client-socket' || /connection lost before handshake/i.test(error.message))
    return new MachineUnreachableError(
      to,
      'the connection ended before SSH began, so the tunnel is open but nothing is behind it',
      error,
    );
  return new SshProtocolError(to, error.message, error);
}
