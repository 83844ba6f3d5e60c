import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@build-machines/owned-files';
import { execa } from 'execa';
import { RemoteLoginError } from '../../remote-shell/errors.js';
import { quotePath } from '../../sshd/config-text.js';
import { requireProgram } from '../../sshd/find-sshd.js';
import type { ResolvedHost } from './resolve-host.js';

/** Types of host keys that are asked for, preferred first, and the algorithms of each (RFC 8332 for RSA). */
const TYPES = { 'ssh-ed25519': 'ssh-ed25519', 'ecdsa-sha2-nistp256': 'ecdsa-sha2-nistp256', 'ssh-rsa': 'rsa-sha2-512' };

/**
 * The host keys that a server shows now, `type base64` each, preferred type first. ssh itself asks, and not ssh-keyscan,
 * which knows neither aliases nor jump hosts. Nothing is trusted, and no login tried: the connection ends when the key
 * was shown.
 * @throws RemoteLoginError when no SSH server answers.
 */
export async function shownHostKeys(
  host: ResolvedHost,
  options: { readonly name: string; readonly path: string; readonly signal: AbortSignal | undefined },
): Promise<string[]> {
  const { name, path, signal } = options;
  const ssh = await requireProgram('ssh', path, 'openssh-client');
  const folder = await makeTemporaryFolder(join(tmpdir(), 'bm-keys-'));
  const keys: string[] = [];
  let words = '';
  try {
    for (const [type, algorithms] of Object.entries(TYPES)) {
      const knownHosts = join(folder, type);
      const args = [...keyArguments(host, knownHosts, algorithms), '--', host.alias, 'exit'];
      const { stderr } = await execa(ssh, args, { stdin: 'ignore', cancelSignal: signal, reject: false });
      signal?.throwIfAborted();
      const shown = await readFile(knownHosts, 'utf8').catch(() => ''); // No file: no key of this type was shown.
      const key = shown.split('\n').find((line) => line.includes(` ${type} `));
      if (key !== undefined) keys.push(key.split(' ').slice(1, 3).join(' '));
      else words = stderr.trim().split('\n').at(-1) ?? words;
      if (key === undefined && !/no matching host key/.test(stderr)) break; // Nobody answers: asking on only costs time.
    }
  } finally {
    await removeTemporaryFolder(folder);
  }
  if (keys.length === 0)
    throw new RemoteLoginError(
      `machine "${name}": no SSH server shows a host key at ${host.hostName}, port ${host.port}: ${words}`,
      { hint: `Is "host" in machines/${name}/machine.yml right, the host on, and its sshd running?` },
    );
  return keys;
}

/** Arguments with which ssh notes the key that it is shown in an empty file, and then has no way to log in. */
function keyArguments({ port, user }: ResolvedHost, knownHosts: string, algorithms: string): string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=accept-new',
    'GlobalKnownHostsFile=/dev/null',
    `UserKnownHostsFile=${quotePath(knownHosts)}`,
    'HashKnownHosts=no',
    'CheckHostIP=no',
    'UpdateHostKeys=no',
    `HostKeyAlgorithms=${algorithms}`,
    'PreferredAuthentications=none',
    'ControlPath=none',
    'ConnectTimeout=10',
    'ClearAllForwardings=yes',
  ];
  return ['-T', '-p', String(port), '-l', user, ...options.flatMap((option) => ['-o', option])];
}
