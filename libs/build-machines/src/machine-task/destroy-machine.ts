import { removeTree } from '@build-machines/owned-files';
import {
  forgetHost,
  giveHostBack,
  type LoadedMachine,
  RemoteLoginError,
  removeSshConfig,
  revokeSystemTunnel,
  revokeTunnel,
  sandboxDown,
  type StateFolder,
} from '@build-machines/machines';
import { homedir } from 'node:os';
import { virtualMachineOf } from '../vm-task/virtual-machine.js';
import type { BringUpOptions } from './bring-up.js';
import { hostIfAdopted } from './host-task.js';
import { leaveBusyAlone } from './leave-busy-alone.js';
import { HostNotGivenBackError } from './machine-task-errors.js';
import { forgetAtHub } from './machine-token.js';
import { releaseBridge } from './release-bridge.js';

/** How a machine is removed. */
export type DestroyOptions = Pick<BringUpOptions, 'onProgress' | 'signal'> & {
  /** provider ssh: the host is gone; only what this workstation knows of it is removed. */
  readonly forgetOnly: boolean;
  /** Although it works for somebody. */
  readonly force: boolean;
};

/**
 * Removes a machine for good, with its keys, its token, its line at the relay, its entry at the hub and its name in the
 * ssh configuration. Its definition stays.
 * @throws MachineBusyError, MachineSilentError unless forced.
 */
export async function destroyMachine(
  machine: LoadedMachine,
  state: StateFolder,
  options: DestroyOptions,
): Promise<void> {
  const { name, relay } = machine.definition;
  const signal = options.signal ?? new AbortController().signal;
  await leaveBusyAlone(machine, state, { forced: options.force || options.forgetOnly, signal }, () =>
    end(machine, state, options, signal),
  );
  await (relay.kind === 'system' ? revokeSystemTunnel(homedir(), name) : revokeTunnel(state, name));
  await removeSshConfig(state, homedir(), name);
  if (!(await forgetAtHub(machine, state, signal)))
    options.onProgress(`the State Hub does not answer and still lists ${name}, until it is brought up again`);
  await removeTree(state.machine(name));
  if (await releaseBridge(state, name)) options.onProgress('stopped the bridge, its relay and hub');
}

async function end(
  machine: LoadedMachine,
  state: StateFolder,
  options: DestroyOptions,
  signal: AbortSignal,
): Promise<void> {
  const { name, provider } = machine.definition;
  switch (provider) {
    case 'sandbox':
      await sandboxDown({ state, name, remove: true });
      break;
    case 'ssh':
      if (options.forgetOnly) await forgetHost(state, name);
      else await giveBack(state, name, signal);
      break;
    case 'qemu':
    case 'virtualbox':
      await virtualMachineOf(machine, state).destroy({ onProgress: options.onProgress, signal });
  }
}

/** @throws HostNotGivenBackError where the host cannot be reached; nothing was removed then. */
async function giveBack(state: StateFolder, name: string, signal: AbortSignal): Promise<void> {
  const host = await hostIfAdopted(state, name);
  if (host === undefined) return;
  try {
    await giveHostBack(state, host, signal);
  } catch (error) {
    if (!(error instanceof RemoteLoginError)) throw error;
    throw new HostNotGivenBackError(name, error);
  }
}
