import { revokeTunnel, type LoadedMachine, sandboxDown, type StateFolder } from '@build-machines/machines';
import { rm } from 'node:fs/promises';
import { virtualMachineOf } from '../vm-task/virtual-machine.js';
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
  if (provider === 'ssh') throw new ProviderUnavailableError(name, provider);
  if (provider === 'sandbox') {
    await takeDown(machine, state, options);
    await sandboxDown({ state, name, remove: true });
  } else {
    const signal = options.signal ?? new AbortController().signal;
    await virtualMachineOf(machine, state).destroy({ onProgress: options.onProgress, signal });
  }
  await revokeTunnel(state, name);
  await rm(state.machine(name), { recursive: true, force: true });
}
