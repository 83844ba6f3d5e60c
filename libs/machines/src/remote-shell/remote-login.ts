import type { MachineAccess } from '../access/machine-access.js';

/** How a shell on a machine or host is had. */
export interface RemoteLogin {
  /** The machine's name; its host key is pinned under it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The pinned host key, `ssh-ed25519 AAAA…`; no other is accepted. */
  readonly hostKey: string;
  /** Private keys to try, in this order. */
  readonly identityFiles: readonly string[];
  /** `given`: only those keys; `any`: also those of the user's ssh-agent and ssh configuration, before ours is let in. */
  readonly keys: 'given' | 'any';
  /** Whether the user's ssh configuration counts, for the way there (ProxyJump). Our own options come before it. */
  readonly userConfiguration: boolean;
}

/** The login to a machine whose access is known. */
export function loginTo(access: MachineAccess): RemoteLogin {
  const { name, sshHost, sshPort, user, hostKey, identityFile } = access;
  return {
    name,
    host: sshHost,
    port: sshPort,
    user,
    hostKey,
    identityFiles: [identityFile],
    keys: 'given',
    userConfiguration: false,
  };
}
