import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StateFolder } from '@build-machines/machines';

/** Names of the machines that were ever brought up from here, sorted. */
export async function knownMachines(state: StateFolder): Promise<string[]> {
  const folder = dirname(state.machine('any'));
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
