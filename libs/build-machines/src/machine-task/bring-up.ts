import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { BuildMachinesError, type Provider } from '@build-machines/protocol';
import { bringUpSandbox } from './bring-up-sandbox.js';

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
    default:
      throw new ProviderUnavailableError(machine.definition.name, machine.definition.provider);
  }
}

/** The target does not exist for this provider. */
export class ProviderUnavailableError extends BuildMachinesError {
  readonly code = 'provider-unavailable';
  constructor(name: string, provider: Provider) {
    super(`Machine ${name} has provider ${provider}, for which this target does nothing.`, {
      hint: `See the targets of the machine: nx show project ${name}.`,
    });
  }
}
