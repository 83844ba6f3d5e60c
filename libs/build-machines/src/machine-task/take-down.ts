import { allSandboxRecords, type LoadedMachine, sandboxDown, type StateFolder } from '@build-machines/machines';
import { stopBridge } from '@build-machines/remote';
import type { BringUpOptions } from './bring-up.js';
import { ProviderUnavailableError } from './machine-task-errors.js';

/**
 * Ends a machine; its mirrors and artifacts stay. The last sandbox takes the bridge with it, so that nothing of ours
 * stays behind on this computer.
 */
export async function takeDown(machine: LoadedMachine, state: StateFolder, options: BringUpOptions): Promise<void> {
  const { name, provider } = machine.definition;
  if (provider !== 'sandbox') throw new ProviderUnavailableError(name, provider);
  await sandboxDown({ state, name });
  const wanted = (await allSandboxRecords(state)).filter((record) => record.wanted);
  if (wanted.length === 0 && (await stopBridge(state))) options.onProgress('stopped the bridge, its relay and hub');
}
