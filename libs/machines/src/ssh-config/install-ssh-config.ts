import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import type { MachineAccess } from '../access/machine-access.js';
import { hasErrorCode, readIfPresent } from '../disk/missing.js';
import { rewriteFile } from '../disk/rewrite-file.js';
import { writePrivate } from '../disk/write-aside.js';
import { quotePath } from '../sshd/config-text.js';
import type { StateFolder } from '../state/state-folder.js';
import { knownHostsLine } from '../tunnel/autossh-command.js';
import { hostBlock, machineHostKeyAlias } from './host-block.js';
import { withInclude, withoutInclude } from './include-line.js';

/** Folder with one ssh_config file per machine. */
export function sshConfigFolder(state: StateFolder): string {
  return join(state.root, 'ssh_config.d');
}

/**
 * Makes `ssh <machine>`, scp and editors reach a machine: a file of ours, and one Include line at the top of
 * `~/.ssh/config`. Doing it again changes nothing.
 * @param home home folder of the user.
 * @returns whether anything changed.
 */
export async function installSshConfig(state: StateFolder, home: string, access: MachineAccess): Promise<boolean> {
  const knownHosts = join(state.machine(access.name), 'known_hosts');
  await writePrivate(knownHosts, knownHostsLine(machineHostKeyAlias(access.name), access.hostKey));
  const file = join(sshConfigFolder(state), `${access.name}.conf`);
  const block = hostBlock(access, knownHosts);
  const isNew = (await readIfPresent(file)) !== block;
  if (isNew) await writePrivate(file, block);
  const included = await rewriteConfig(home, (text) => withInclude(text, includePattern(state)));
  return isNew || included;
}

/** Takes a machine out again; with the last one goes the Include line. Doing it again changes nothing. */
export async function removeSshConfig(state: StateFolder, home: string, name: string): Promise<boolean> {
  const folder = sshConfigFolder(state);
  const file = join(folder, `${name}.conf`);
  const was = (await readIfPresent(file)) !== undefined;
  await removeFile(file);
  const left = await readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  if (left.some((entry) => entry.endsWith('.conf'))) return was;
  const cut = await rewriteConfig(home, (text) => withoutInclude(text, includePattern(state)));
  return was || cut;
}

function includePattern(state: StateFolder): string {
  return quotePath(join(sshConfigFolder(state), '*.conf'));
}

/** Replaces `~/.ssh/config`. Returns whether the text changed. */
async function rewriteConfig(home: string, change: (text: string) => string): Promise<boolean> {
  const path = join(home, '.ssh', 'config');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return rewriteFile(path, '.build-machines-config', change);
}
