import { posix } from 'node:path';
import { HostAnswerError } from './host-errors.js';

/** Longest path of a Unix socket on Linux, in bytes (unix(7): 108 with the NUL at the end). */
const SOCKET_PATH_MAX = 107;

/** Where the parts of a machine are on the host that is it: all in one folder of the account's home, but for units. */
export interface HostLayout {
  readonly root: string;
  /** What is installed: replaced file by file, each whole or not at all. */
  readonly agentBundle: string;
  readonly agentConfig: string;
  readonly supervisorBundle: string;
  readonly supervisorConfig: string;
  readonly relayKnownHosts: string;
  readonly token: string;
  /** Digest of what was installed. */
  readonly installed: string;
  /** Public half of the build key of the workstation whose machine this is. */
  readonly owner: string;
  readonly tunnelKey: string;
  readonly agentSocket: string;
  readonly agentState: string;
  /** Records and logs of our supervisor, where there is no systemd. */
  readonly supervisor: string;
}

/**
 * The layout of a machine in an account.
 * @throws HostAnswerError when the home folder's path is too long for a socket in it.
 */
export function hostLayout(home: string, name: string): HostLayout {
  const root = posix.join(home, '.build-machines', name);
  const agentSocket = posix.join(root, 'agent.sock');
  if (Buffer.byteLength(agentSocket) > SOCKET_PATH_MAX)
    throw new HostAnswerError(`the path ${agentSocket} on the host is too long for a Unix socket`, {
      hint: 'Use a shorter name for the machine, or an account with a shorter home folder.',
    });
  return {
    root,
    agentBundle: posix.join(root, 'build-agent.cjs'),
    agentConfig: posix.join(root, 'agent.json'),
    supervisorBundle: posix.join(root, 'supervisor.cjs'),
    supervisorConfig: posix.join(root, 'supervisor.json'),
    relayKnownHosts: posix.join(root, 'relay_known_hosts'),
    token: posix.join(root, 'hub-token'),
    installed: posix.join(root, 'installed'),
    owner: posix.join(root, 'owner'),
    tunnelKey: posix.join(root, 'id_tunnel'),
    agentSocket,
    agentState: posix.join(root, 'state'),
    supervisor: posix.join(root, 'supervisor'),
  };
}

/** Name of a systemd unit of a machine. */
export function unitName(part: 'agent' | 'tunnel', name: string): string {
  return `build-${part}-${name}.service`;
}
