import type { MachineAccess } from '../access/machine-access.js';
import { quotePath } from '../sshd/config-text.js';

/** Name under which a machine's host key is pinned: every machine is `127.0.0.1` at another port. */
export function machineHostKeyAlias(name: string): string {
  return `build-machines-${name}`;
}

/**
 * What `ssh <name>` needs, in the syntax of ssh_config(5). Whatever the user's own configuration says later, the first
 * value counts, so the pinned key, the build key and the port are not in question.
 */
export function hostBlock(access: MachineAccess, knownHostsFile: string): string {
  const lines = [
    `HostName ${access.sshHost}`,
    `Port ${access.sshPort}`,
    `User ${access.user}`,
    `IdentityFile ${quotePath(access.identityFile)}`,
    'IdentitiesOnly yes',
    `HostKeyAlias ${machineHostKeyAlias(access.name)}`,
    `UserKnownHostsFile ${quotePath(knownHostsFile)}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    // The end of a tunnel is on this computer; a jump that the user has for all hosts would look for it elsewhere.
    ...(access.sshHost === '127.0.0.1' ? ['ProxyJump none'] : []),
  ];
  return `# Written by build-machines; changes are lost.\nHost ${access.name}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
