import { hostDown, type LoadedMachine, sandboxDown, type StateFolder } from '@build-machines/machines';
import { virtualMachineOf } from '../vm-task/virtual-machine.js';
import type { BringUpOptions } from './bring-up.js';
import { hostIfAdopted } from './host-task.js';
import { leaveBusyAlone } from './leave-busy-alone.js';
import { releaseBridge } from './release-bridge.js';

/** How long a VM may take to shut down before its power is cut, in milliseconds. */
const SHUTDOWN_MS = 60_000;

/** How a machine is ended. */
export type TakeDownOptions = Pick<BringUpOptions, 'onProgress' | 'signal'> & {
  /** Although it works for somebody. */
  readonly force: boolean;
};

/**
 * Ends a machine; its mirrors and artifacts stay. The last machine that needs the bridge takes it along.
 * @throws MachineBusyError, MachineSilentError unless forced.
 */
export async function takeDown(machine: LoadedMachine, state: StateFolder, options: TakeDownOptions): Promise<void> {
  const { name } = machine.definition;
  await leaveBusyAlone(machine, state, { forced: options.force, signal: options.signal }, () =>
    end(machine, state, options),
  );
  if (await releaseBridge(state, name)) options.onProgress('stopped the bridge, its relay and hub');
}

async function end(machine: LoadedMachine, state: StateFolder, options: TakeDownOptions): Promise<void> {
  const { name, provider } = machine.definition;
  const signal = options.signal ?? new AbortController().signal;
  switch (provider) {
    case 'sandbox':
      await sandboxDown({ state, name });
      break;
    case 'ssh': {
      const host = await hostIfAdopted(state, name);
      if (host !== undefined) await hostDown(state, host, signal);
      break;
    }
    case 'qemu':
    case 'virtualbox':
      await virtualMachineOf(machine, state).stop(SHUTDOWN_MS, { onProgress: options.onProgress, signal });
  }
}
