import { resolve } from 'node:path';
import { stateFolder } from '@build-machines/machines';
import { backupHub, hubStateFiles, type HubStateFiles, restoreHub } from '@build-machines/state-hub';
import type { Command } from 'commander';
import { printAnswer } from '../output/answer.js';
import type { Surroundings } from '../surroundings.js';

interface BackupOptions {
  readonly state?: string;
  readonly json?: boolean;
}

/** `hub backup`: what the hub keeps, as one file. */
export function addHubBackup(hub: Command, surroundings: Surroundings): void {
  withState(hub.command('backup'))
    .description("Write a consistent copy of the hub's database and the logs of its runs; the hub may be running")
    .argument('<file>', 'new file for the copy, a .tar.gz')
    .action(async (file: string, options: BackupOptions) => {
      const target = resolve(surroundings.cwd, file);
      const { logs } = await backupHub(filesOf(surroundings, options), target);
      const text = `The copy is ${target}: the database, and ${count(logs)}\n`;
      printAnswer(surroundings, options.json, { data: { file: target, logs }, text });
    });
}

/** `hub restore`: puts such a file back. */
export function addHubRestore(hub: Command, surroundings: Surroundings): void {
  withState(hub.command('restore'))
    .description('Put such a copy in the place of what a hub keeps; the hub must be stopped')
    .argument('<file>', 'a copy that hub backup wrote')
    .action(async (file: string, options: BackupOptions) => {
      const source = resolve(surroundings.cwd, file);
      const { logs, before } = await restoreHub(filesOf(surroundings, options), source);
      const kept = before === null ? '' : `What was there before is in ${before}\n`;
      const text = `Restored: the database, and ${count(logs)}. Start the hub: npx build-machines hub start\n${kept}`;
      printAnswer(surroundings, options.json, { data: { file: source, logs, before }, text });
    });
}

function withState(command: Command): Command {
  return command
    .option('--state <folder>', "state folder of the hub (default: this user's)")
    .option('--json', 'print one JSON document');
}

function filesOf({ cwd, state }: Surroundings, options: BackupOptions): HubStateFiles {
  const meant = options.state === undefined ? state : stateFolder({ BUILD_MACHINES_HOME: resolve(cwd, options.state) });
  return hubStateFiles(meant.hub);
}

function count(logs: number): string {
  return logs === 1 ? 'the log of one run' : `the logs of ${logs} runs`;
}
