import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeMarkedFile, replaceMarkedFile } from '@build-machines/owned-files';
import { execa, ExecaError } from 'execa';
import { readIfPresent } from '../../disk/missing.js';
import type { WorkstationAccount } from '../../state/account.js';
import { unitFolder } from '../ssh/services.js';
import { execLine, quotedValue } from '../ssh/units.js';
import { AutostartUnavailableError } from './errors.js';

/** What starts and stops a machine when this computer does. */
export interface AutostartCommands {
  /** Program and arguments; must end once the machine runs. */
  readonly start: readonly string[];
  /** Program and arguments; must end once the machine has shut down. */
  readonly stop: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Shows that a unit is ours. */
const FIRST_LINE = '# Written by build-machines; changes are lost.';

/** The name of a machine's unit in the systemd of the user. */
export function autostartUnitName(machine: string): string {
  return `build-machine-${machine}.service`;
}

/** The unit's text: the machine is told to shut down before the computer is, and is not simply cut off. */
export function autostartUnit(machine: string, { start, stop, env }: AutostartCommands): string {
  return [
    FIRST_LINE,
    '[Unit]',
    `Description=Build machine ${machine}`,
    '',
    '[Service]',
    // QEMU outlives the command that starts it, in this unit.
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...Object.entries(env).map(([name, value]) => `Environment=${quotedValue(`${name}=${value}`)}`),
    `ExecStart=${execLine(start)}`,
    `ExecStop=${execLine(stop)}`,
    'TimeoutStopSec=120',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/**
 * Makes a machine start with this computer, by a unit in the user's own systemd. Without a login that systemd runs only
 * where the user lingers (loginctl(1)), so that is asked for too.
 * @param options.now starts it at once as well.
 * @throws AutostartUnavailableError
 */
export async function enableAutostart(
  machine: string,
  options: {
    readonly commands: AutostartCommands;
    readonly account: WorkstationAccount;
    readonly now: boolean;
    readonly onProgress?: (text: string) => void;
  },
): Promise<void> {
  const { commands, account, now, onProgress } = options;
  const { folder, file } = placeOf(machine, account);
  const unit = autostartUnitName(machine);
  await mkdir(folder, { recursive: true });
  await replaceMarkedFile(file, FIRST_LINE, autostartUnit(machine, commands), 0o644);
  await systemctl(account, ['daemon-reload'], machine);
  await systemctl(account, ['enable', '--quiet', ...(now ? ['--now'] : []), unit], machine);
  onProgress?.(`${machine} starts with this computer (${unit})`);
  const { failed } = await execa('loginctl', ['enable-linger', account.user], { reject: false, stdin: 'ignore' });
  if (failed)
    onProgress?.(`... once you have logged in; before that too with: sudo loginctl enable-linger ${account.user}`);
}

/** Takes {@link enableAutostart} back and stops the machine with its unit; does nothing where there is no unit. */
export async function disableAutostart(machine: string, account: WorkstationAccount): Promise<void> {
  const { file } = placeOf(machine, account);
  if ((await readIfPresent(file)) === undefined) return;
  await systemctl(account, ['disable', '--now', '--quiet', autostartUnitName(machine)], machine);
  await removeMarkedFile(file, FIRST_LINE);
  await systemctl(account, ['daemon-reload'], machine);
}

function placeOf(machine: string, { home }: WorkstationAccount): { folder: string; file: string } {
  const folder = unitFolder('user', home);
  return { folder, file: join(folder, autostartUnitName(machine)) };
}

async function systemctl(account: WorkstationAccount, args: readonly string[], machine: string): Promise<void> {
  try {
    await execa('systemctl', ['--user', ...args], {
      env: { XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${account.uid}` },
      stdin: 'ignore',
    });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new AutostartUnavailableError(machine, String(error.stderr ?? error.shortMessage).trim(), error);
  }
}
