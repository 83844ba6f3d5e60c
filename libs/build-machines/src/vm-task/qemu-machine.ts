import {
  type AutostartCommands,
  chooseAccelerator,
  destroyQemu,
  disableAutostart,
  enableAutostart,
  findQemuRecord,
  type LoadedMachine,
  qemuImport,
  qemuInfo,
  qemuLayout,
  qemuRollback,
  readIfPresent,
  startQemu,
  type StateFolder,
  stopQemu,
  workstationAccount,
} from '@build-machines/machines';
import { join } from 'node:path';
import { distributed } from '../machine-task/distribution.js';
import type { ImportOutcome, VirtualMachine } from './virtual-machine.js';
import { ImportModeUnsupportedError } from './vm-task-errors.js';

/** Behind QEMU's own network, the workstation's loopback interface is this address. */
const WORKSTATION = '10.0.2.2';

/** A VM that QEMU runs on this computer. */
export function qemuMachine({ definition }: LoadedMachine, state: StateFolder): VirtualMachine {
  const layout = qemuLayout(state, definition.name);
  const exists = async (): Promise<boolean> => (await findQemuRecord(layout)) !== undefined;
  return {
    relayHost: WORKSTATION,
    exists,
    async import(image, { existing, autostart, start, onProgress, signal }) {
      if (existing === 'alongside') throw new ImportModeUnsupportedError(definition.name, '--alongside');
      let outcome: ImportOutcome = 'unchanged';
      if (existing === 'keep' && (await exists())) onProgress(`${definition.name} exists and is kept`);
      else {
        const cacheFile = join(state.root, 'qemu-accelerator.json');
        const { accelerator, reason } = await chooseAccelerator({ cacheFile, signal });
        onProgress(`accelerator: ${accelerator} (${reason})`);
        const { cpus, memoryMiB, diskGiB } = definition.resources;
        ({ outcome } = await qemuImport({
          layout,
          image,
          existing: existing === 'replace' ? 'replace' : 'refuse',
          cpus,
          memoryMiB,
          diskGiB,
          accelerator,
          onProgress,
          signal,
        }));
        onProgress(`${definition.name}: ${outcome}`);
      }
      if (autostart) {
        const commands = autostartCommands(definition.name, state);
        await enableAutostart(definition.name, { commands, account: workstationAccount(), now: start, onProgress });
      } else if (start) await startQemu(layout, { signal });
      return outcome;
    },
    async rollback({ signal }) {
      await qemuRollback(layout, signal);
      await startQemu(layout, { signal });
    },
    async start({ onProgress, signal }) {
      const { started } = await startQemu(layout, { signal });
      onProgress(started ? `${definition.name} starts` : `${definition.name} runs already`);
    },
    async stop(graceMs, { onProgress, signal }) {
      const { how } = await stopQemu(layout, { graceMs, signal });
      onProgress(`${definition.name}: ${how}`);
    },
    async destroy() {
      await disableAutostart(definition.name, workstationAccount());
      await destroyQemu(layout);
    },
    image: async () => (await findQemuRecord(layout))?.image.sha256,
    console: async () => (await readIfPresent(layout.serialLog)) ?? '',
    address: async () => ({ host: '127.0.0.1', port: (await qemuInfo(layout)).sshPort }),
  };
}

/** The machine's own unit starts it without a workspace: all that it needs is in the state folder. */
function autostartCommands(name: string, state: StateFolder): AutostartCommands {
  const vm = [process.execPath, distributed('cli.cjs'), 'qemu'];
  return {
    start: [...vm, 'start', name],
    stop: [...vm, 'stop', name],
    env: { PATH: workstationAccount().path, BUILD_MACHINES_HOME: state.root },
  };
}
