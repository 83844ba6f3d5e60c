import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@build-machines/owned-files';
import { execa } from 'execa';
import type { MachineAccess } from '../access/machine-access.js';
import { requireProgram } from '../sshd/find-sshd.js';
import { quotePath } from '../sshd/config-text.js';
import { machineHostKeyAlias } from '../ssh-config/host-block.js';

/**
 * The host key that the machine shows, of the type of the pinned one, as `type base64`. Asked with ssh-keyscan, which
 * trusts nobody and logs in nowhere.
 * @throws Error when it shows none of that type.
 */
export async function offeredHostKey(access: MachineAccess, path: string, signal: AbortSignal): Promise<string> {
  const keyscan = await requireProgram('ssh-keyscan', path, 'openssh-client');
  const [type = 'ssh-ed25519'] = access.hostKey.split(' ');
  const args = ['-T', '10', '-t', type.replace(/^ssh-/, ''), '-p', String(access.sshPort), access.sshHost];
  const { stdout, stderr } = await execa(keyscan, args, { stdin: 'ignore', cancelSignal: signal, reject: false });
  const line = stdout.split('\n').find((text) => text !== '' && !text.startsWith('#'));
  const [, offered, blob] = line?.split(' ') ?? [];
  if (offered === undefined || blob === undefined)
    throw new Error(`no ${type} host key was shown: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return `${offered} ${blob}`;
}

/** Logs in as ssh would, with the build key and the pinned host key only, and does nothing. */
export async function loginWithKey(access: MachineAccess, path: string, signal: AbortSignal): Promise<string> {
  const ssh = await requireProgram('ssh', path, 'openssh-client');
  const folder = await makeTemporaryFolder(join(tmpdir(), 'bm-login-'));
  try {
    const knownHosts = join(folder, 'known_hosts');
    await writeFile(knownHosts, `${machineHostKeyAlias(access.name)} ${access.hostKey}\n`, { mode: 0o600 });
    const options = [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'StrictHostKeyChecking=yes',
      'GlobalKnownHostsFile=/dev/null',
      `UserKnownHostsFile=${quotePath(knownHosts)}`,
      `HostKeyAlias=${machineHostKeyAlias(access.name)}`,
      `IdentityFile=${quotePath(access.identityFile)}`,
      'ConnectTimeout=10',
    ];
    const { exitCode, stderr } = await execa(
      ssh,
      [
        ...['-F', 'none', '-p', String(access.sshPort), '-l', access.user],
        ...options.flatMap((option) => ['-o', option]),
        access.sshHost,
        'true',
      ],
      { stdin: 'ignore', cancelSignal: signal, reject: false },
    );
    if (exitCode !== 0) throw new Error(stderr.trim().split('\n').at(-1) ?? `ssh ended with ${String(exitCode)}`);
    return `as ${access.user}`;
  } finally {
    await removeTemporaryFolder(folder);
  }
}
