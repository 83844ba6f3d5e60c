import {
  destroyVm,
  type LoadedMachine,
  localRunner,
  readConsole,
  sshRunner,
  startVm,
  type StateFolder,
  stopVm,
  type VBoxRunner,
  VBoxManage,
  vmImport,
  vmRollback,
  wslRunner,
} from '@build-machines/machines';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VirtualMachine } from './virtual-machine.js';

/** A VM of VirtualBox: of this computer's, of Windows' around this WSL, or of another computer's. */
export function virtualBoxMachine({ definition }: LoadedMachine, state: StateFolder): VirtualMachine {
  const { name, network, resources } = definition;
  const runner = runnerFor(definition.hypervisor, join(state.machine(name), 'virtualbox'));
  const vbox = (signal: AbortSignal): VBoxManage => new VBoxManage(runner, signal);
  return {
    relayHost: undefined,
    exists: async () => (await new VBoxManage(runner).findVm(name)) !== undefined,
    async import(image, { existing, autostart, start, onProgress, signal }) {
      if (existing === 'keep' && (await vbox(signal).findVm(name)) !== undefined) {
        onProgress(`${name} exists and is kept`);
        if (start) await startVm(vbox(signal), name);
        return 'unchanged';
      }
      const { vm, outcome } = await vmImport({
        runner,
        vm: name,
        image,
        existing: existing === 'keep' ? 'refuse' : existing,
        network,
        cpus: resources.cpus,
        memoryMiB: resources.memoryMiB,
        autostart,
        start,
        onProgress,
        signal,
      });
      onProgress(`${vm}: ${outcome}`);
      return vm === name ? outcome : 'alongside';
    },
    async rollback({ signal }) {
      await vmRollback(vbox(signal), name, { start: true, signal });
      await runner.removeSerialLog(name);
    },
    async start({ onProgress, signal }) {
      const { started } = await startVm(vbox(signal), name);
      onProgress(started ? `${name} starts` : `${name} runs already`);
    },
    async stop(graceMs, { onProgress, signal }) {
      const { how } = await stopVm(vbox(signal), name, { graceMs, signal });
      onProgress(`${name}: ${how}`);
    },
    async destroy({ signal }) {
      await destroyVm(vbox(signal), name, signal);
    },
    image: () => new VBoxManage(runner).readNote(name, 'image'),
    console: () => runner.readSerialLog(name),
    async address() {
      const { address } = readConsole(await runner.readSerialLog(name));
      return address === undefined ? undefined : { host: address, port: 22 };
    },
  };
}

function runnerFor(hypervisor: string | undefined, logFolder: string): VBoxRunner {
  if (hypervisor !== undefined) return sshRunner({ destination: hypervisor });
  return isWsl() ? wslRunner() : localRunner({ logFolder });
}

/** Whether this Linux runs under Windows: its kernel says so. */
function isWsl(): boolean {
  return /microsoft/i.test(readFileSync('/proc/sys/kernel/osrelease', 'utf8'));
}
