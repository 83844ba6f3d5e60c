import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './errno.js';
import { writeDurably } from './write-durably.js';

/**
 * The machine's identity, made at the agent's first start and kept in `<stateDir>/machine-id`. Images hold no stateDir, so
 * two machines from one image differ.
 */
export async function machineId(stateDir: string): Promise<string> {
  const file = join(stateDir, 'machine-id');
  try {
    const known = (await readFile(file, 'utf8')).trim();
    if (known !== '') return known;
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const made = randomUUID();
  await writeDurably(file, `${made}\n`);
  return made;
}
