import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { bringUpSandbox } from './bring-up-sandbox.js';
import { bringUpVm } from './bring-up-vm.js';
import { ProviderUnavailableError } from './machine-task-errors.js';

/** How a machine is brought up. */
export interface BringUpOptions {
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings a machine up, whatever its provider; does only what is not done.
 * @returns whether anything had to be done.
 */
export async function bringUp(machine: LoadedMachine, state: StateFolder, options: BringUpOptions): Promise<boolean> {
  switch (machine.definition.provider) {
    case 'sandbox':
      return bringUpSandbox(machine, state, options);
    case 'qemu':
    case 'virtualbox':
      return bringUpVm(machine, state, options);
    case 'ssh':
      throw new ProviderUnavailableError(machine.definition.name, machine.definition.provider);
  }
}
