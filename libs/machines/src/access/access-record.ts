import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import { readIfPresent } from '../disk/missing.js';
import { writePrivate } from '../disk/write-aside.js';
import type { StateFolder } from '../state/state-folder.js';
import { MachineAccess } from './machine-access.js';

/** Nothing is known of how to reach a machine: it was never brought up from here, or was taken down. */
export class MachineNotUpError extends BuildMachinesError {
  readonly code = 'machine-not-up';

  constructor(name: string, file: string, cause?: unknown) {
    super(
      cause === undefined
        ? `machine "${name}" is not up: there is no access record ${file}`
        : `the access record ${file} of machine "${name}" cannot be read`,
      { hint: `Run \`nx run ${name}:up\`.`, cause },
    );
  }
}

function accessFile(state: StateFolder, name: string): string {
  return join(state.machine(name), 'access.json');
}

/** Writes how a machine is reached; done by its provider when it comes up. */
export async function writeMachineAccess(state: StateFolder, access: MachineAccess): Promise<void> {
  await writePrivate(accessFile(state, access.name), `${JSON.stringify(access, null, 2)}\n`);
}

/** Forgets how a machine is reached; doing it again changes nothing. */
export async function removeMachineAccess(state: StateFolder, name: string): Promise<void> {
  await removeFile(accessFile(state, name));
}

/**
 * How a machine is reached.
 * @throws MachineNotUpError that names the command which brings it up.
 */
export async function resolveMachineAccess(state: StateFolder, name: string): Promise<MachineAccess> {
  const file = accessFile(state, name);
  const text = await readIfPresent(file);
  if (text === undefined) throw new MachineNotUpError(name, file);
  try {
    return MachineAccess.parse(JSON.parse(text));
  } catch (error) {
    throw new MachineNotUpError(name, file, error);
  }
}
