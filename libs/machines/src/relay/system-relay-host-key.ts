import { readFile } from 'node:fs/promises';
import { BuildMachinesError } from '@build-machines/protocol';

/** Where OpenSSH's server keeps its public host key on Linux and macOS. */
const HOST_KEY = '/etc/ssh/ssh_host_ed25519_key.pub';

/** This workstation's own sshd has no ed25519 host key. */
export class SystemRelayKeyError extends BuildMachinesError {
  readonly code = 'system-relay-host-key-missing';
}

/**
 * The public host key of this workstation's own sshd, `ssh-ed25519 AAAA…`, for machines to pin.
 * @throws SystemRelayKeyError when it cannot be read: no sshd is installed.
 */
export async function systemRelayHostKey(file: string = HOST_KEY): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim().split(/\s+/).slice(0, 2).join(' ');
  } catch (cause) {
    throw new SystemRelayKeyError(`the host key of this workstation's sshd (${file}) cannot be read`, {
      hint: 'Install it (sudo apt-get install openssh-server), or set relay.kind to embedded in machine.yml.',
      cause,
    });
  }
}
