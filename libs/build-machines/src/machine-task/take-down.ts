import { allSandboxRecords, type LoadedMachine, sandboxDown, type StateFolder } from '@build-machines/machines';
import { stopBridge } from '@build-machines/remote';
import { virtualMachineOf } from '../vm-task/virtual-machine.js';
import type { BringUpOptions } from './bring-up.js';
import { ProviderUnavailableError } from './machine-task-errors.js';

/** How long a VM may take to shut down before its power is cut, in milliseconds. */
const SHUTDOWN_MS = 60_000;

/**
 * Ends a machine; its mirrors and artifacts stay. The last sandbox takes the bridge with it, so that nothing of ours
 * stays behind on this computer.
 */
export async function takeDown(machine: LoadedMachine, state: StateFolder, options: BringUpOptions): Promise<void> {
  const { name, provider } = machine.definition;
  if (provider === 'qemu' || provider === 'virtualbox') {
    const signal = options.signal ?? new AbortController().signal;
    await virtualMachineOf(machine, state).stop(SHUTDOWN_MS, { onProgress: options.onProgress, signal });
    return;
  }
  if (provider !== 'sandbox') throw new ProviderUnavailableError(name, provider);
  await sandboxDown({ state, name });
  const wanted = (await allSandboxRecords(state)).filter((record) => record.wanted);
  if (wanted.length === 0 && (await stopBridge(state))) options.onProgress('stopped the bridge, its relay and hub');
}
