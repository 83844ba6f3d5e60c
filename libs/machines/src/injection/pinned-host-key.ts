import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { readIfPresent } from '../disk/missing.js';
import { writePrivate } from '../disk/write-aside.js';
import type { StateFolder } from '../state/state-folder.js';

function pinFile(state: StateFolder, machine: string): string {
  return join(state.machine(machine), 'host_key.pub');
}

/** The machine's pinned host key, as `ssh-ed25519 AAAA…`. */
export async function pinnedHostKey(state: StateFolder, machine: string): Promise<string | undefined> {
  return (await readIfPresent(pinFile(state, machine)))?.trim();
}

export async function pinHostKey(state: StateFolder, machine: string, hostKey: string): Promise<void> {
  await writePrivate(pinFile(state, machine), `${hostKey}\n`);
}

/** For a machine that was made anew on purpose. */
export async function forgetHostKey(state: StateFolder, machine: string): Promise<void> {
  await removeFile(pinFile(state, machine));
}
