import { revokeTunnel, type LoadedMachine, sandboxDown, type StateFolder } from '@build-machines/machines';
import { rm } from 'node:fs/promises';
import type { BringUpOptions } from './bring-up.js';
import { ProviderUnavailableError } from './machine-task-errors.js';
import { takeDown } from './take-down.js';

/** Removes a machine for good, with its keys, its token and its line at the relay. Its definition stays. */
export async function destroyMachine(
  machine: LoadedMachine,
  state: StateFolder,
  options: BringUpOptions,
): Promise<void> {
  const { name, provider } = machine.definition;
  if (provider !== 'sandbox') throw new ProviderUnavailableError(name, provider);
  await takeDown(machine, state, options);
  await sandboxDown({ state, name, remove: true });
  await revokeTunnel(state, name);
  await rm(state.machine(name), { recursive: true, force: true });
}
