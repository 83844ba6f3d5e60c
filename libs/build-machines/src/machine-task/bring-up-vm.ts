import { type LoadedMachine, resolveMachineAccess, type StateFolder, waitForMachine } from '@build-machines/machines';
import { ensureBridge } from '@build-machines/remote';
import { virtualMachineOf } from '../vm-task/virtual-machine.js';
import { askAgentPatiently } from './ask-agent.js';
import type { BringUpOptions } from './bring-up.js';
import { bridgeFor } from './bridge-for.js';
import { updateLock } from './update-lock.js';

/** How long a VM may take from power-on to its tunnel, in milliseconds; slow without KVM. */
const TUNNEL_WITHIN = 600_000;

/** How long its agent may take then, in milliseconds: it runs every compiler once, and injection has just restarted it. */
const AGENT_WITHIN = 300_000;

/**
 * Brings up a VM that has been imported and has its keys: the bridge, the VM, its tunnel, the lock.
 * @returns whether anything had to be done.
 */
export async function bringUpVm(
  machine: LoadedMachine,
  state: StateFolder,
  { onProgress, signal }: BringUpOptions,
): Promise<boolean> {
  const { name } = machine.definition;
  const { started } = await ensureBridge({ ...bridgeFor(machine, state), signal });
  const access = await resolveMachineAccess(state, name);
  const vm = virtualMachineOf(machine, state);
  await vm.start({ onProgress, signal: signal ?? new AbortController().signal });
  await waitForMachine(access, { timeoutMs: TUNNEL_WITHIN, signal });
  const agent = await askAgentPatiently(state, name, { withinMs: AGENT_WITHIN, signal });
  const locked = await updateLock(machine, state, agent, await vm.image());
  if (locked !== undefined) onProgress(`wrote ${locked}`);
  return started || locked !== undefined;
}
