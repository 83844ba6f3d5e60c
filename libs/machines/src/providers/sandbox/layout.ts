import { join } from 'node:path';
import { BuildMachinesError } from '@build-machines/protocol';
import type { StateFolder } from '../../state/state-folder.js';

/** Longest path of a Unix socket on Linux, in bytes (unix(7): 108 with the NUL at the end). */
const SOCKET_PATH_MAX = 107;

/** The state folder's path leaves no room for the path of a socket in it. */
export class StatePathTooLongError extends BuildMachinesError {
  readonly code = 'state-path-too-long';
}

/** Where the parts of one sandbox are. All of them are in `root`. */
export interface SandboxLayout {
  readonly root: string;
  /** HOME of everything that runs in the machine. */
  readonly home: string;
  readonly record: string;
  readonly tunnelKey: string;
  readonly hostKey: string;
  readonly relayKnownHosts: string;
  readonly sshdConfig: string;
  readonly authorizedKeys: string;
  /** What sshd runs in place of every command and shell; see login-script.ts. */
  readonly loginScript: string;
  readonly agentSocket: string;
  readonly agentState: string;
  readonly agentConfig: string;
  readonly agentBundle: string;
  readonly token: string;
  /** Records and logs of the children, and the supervisor's own. */
  readonly supervisor: string;
  readonly supervisorBundle: string;
  readonly supervisorConfig: string;
  readonly supervisorInstance: string;
  readonly supervisorLog: string;
}

/**
 * The layout of a sandbox.
 * @throws StatePathTooLongError when the agent's socket would not fit.
 */
export function sandboxLayout(state: StateFolder, name: string): SandboxLayout {
  const root = state.sandbox(name);
  const agentSocket = join(root, 'agent.sock');
  const length = Buffer.byteLength(agentSocket);
  if (length > SOCKET_PATH_MAX)
    throw new StatePathTooLongError(
      `the path ${agentSocket} has ${length} bytes; a Unix socket can have ${SOCKET_PATH_MAX}`,
      {
        hint: `Set BUILD_MACHINES_HOME to a folder whose path is at least ${length - SOCKET_PATH_MAX} bytes shorter than ${state.root}.`,
      },
    );
  const supervisor = join(root, 'supervisor');
  return {
    root,
    home: join(root, 'home'),
    record: join(root, 'sandbox.json'),
    tunnelKey: join(root, 'keys', 'id_tunnel'),
    hostKey: join(root, 'keys', 'ssh_host_ed25519_key'),
    relayKnownHosts: join(root, 'keys', 'relay_known_hosts'),
    sshdConfig: join(root, 'sshd', 'sshd_config'),
    authorizedKeys: join(root, 'sshd', 'authorized_keys'),
    loginScript: join(root, 'sshd', 'login'),
    agentSocket,
    agentState: join(root, 'agent', 'state'),
    agentConfig: join(root, 'agent', 'agent.json'),
    agentBundle: join(root, 'agent', 'build-agent.cjs'),
    token: join(root, 'agent', 'hub-token'),
    supervisor,
    supervisorBundle: join(supervisor, 'sandbox-supervisor.cjs'),
    supervisorConfig: join(supervisor, 'config.json'),
    supervisorInstance: join(supervisor, 'instance.json'),
    supervisorLog: join(supervisor, 'supervisor.log'),
  };
}
