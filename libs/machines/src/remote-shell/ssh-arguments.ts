import { quotePath } from '../sshd/config-text.js';
import { machineHostKeyAlias } from '../ssh-config/host-block.js';
import type { RemoteLogin } from './remote-login.js';

/**
 * Arguments of ssh up to the destination: never asks, accepts the pinned host key only. `knownHostsFile` must hold that
 * key under {@link machineHostKeyAlias}.
 */
export function sshArguments(login: Omit<RemoteLogin, 'hostKey'>, knownHostsFile: string): string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'GlobalKnownHostsFile=/dev/null',
    `UserKnownHostsFile=${quotePath(knownHostsFile)}`,
    `HostKeyAlias=${machineHostKeyAlias(login.name)}`,
    'UpdateHostKeys=no',
    'ConnectTimeout=10',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    ...(login.keys === 'given' ? ['IdentitiesOnly=yes', 'IdentityAgent=none'] : []),
    ...login.identityFiles.map((file) => `IdentityFile=${quotePath(file)}`),
  ];
  return [
    ...(login.userConfiguration ? [] : ['-F', 'none']),
    ...['-T', '-p', String(login.port), '-l', login.user],
    ...options.flatMap((option) => ['-o', option]),
  ];
}
