import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import { execa, type ExecaError } from 'execa';
import { writePrivate } from '../disk/write-aside.js';
import type { SshdAccount } from './account.js';
import { RECENT_OPTIONS, sshdConfigText, type SshdOption } from './config-text.js';

/** sshd refuses the configuration that we wrote for it. */
export class SshdConfigError extends BuildMachinesError {
  readonly code = 'sshd-config-refused';
}

/** Folder that an sshd of root's chroots its unprivileged part into; gone after a boot where no system sshd runs. */
const PRIVILEGE_SEPARATION_FOLDER = '/run/sshd';

/**
 * Writes a configuration that this computer's sshd accepts, and makes what it needs to start.
 * @returns the text, which is what a supervisor compares to see whether a running sshd is up to date.
 * @throws SshdConfigError
 */
export async function prepareSshd(
  sshd: string,
  configFile: string,
  options: readonly SshdOption[],
  account: SshdAccount,
): Promise<string> {
  if (account.isRoot) await mkdir(PRIVILEGE_SEPARATION_FOLDER, { recursive: true, mode: 0o755 });
  const known: SshdOption[] = [...options];
  for (const option of RECENT_OPTIONS)
    if ((await complaint(sshd, [...options, option])) === undefined) known.push(option);
  if (account.isLocked) known.push(['UsePAM', 'yes']);
  const text = sshdConfigText(known);
  const refused = await complaint(sshd, known);
  if (refused !== undefined)
    throw new SshdConfigError(`${sshd} refuses its configuration: ${refused}`, {
      hint: account.isLocked
        ? `The account ${account.user} is locked, which this sshd cannot get around without PAM. Unlock it for keys only: sudo usermod -p '*' ${account.user}`
        : `OpenSSH 8.9 or later is needed (ssh -V shows yours). The configuration is ${configFile}.`,
    });
  await writePrivate(configFile, text);
  return text;
}

/** What `sshd -t` says against a configuration; undefined when it accepts it. */
async function complaint(sshd: string, options: readonly SshdOption[]): Promise<string | undefined> {
  const folder = await makeTemporaryFolder(join(tmpdir(), 'sshd-'));
  try {
    const file = join(folder, 'config');
    await writeFile(file, sshdConfigText(options), { mode: 0o600 });
    await execa(sshd, ['-t', '-f', file], { stdin: 'ignore' });
    return undefined;
  } catch (error) {
    const { stderr, shortMessage } = error as ExecaError;
    return (typeof stderr === 'string' && stderr !== '' ? stderr : shortMessage).trim();
  } finally {
    await removeTemporaryFolder(folder);
  }
}
