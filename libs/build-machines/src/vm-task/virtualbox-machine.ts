import {
  destroyVm,
  type LoadedMachine,
  localRunner,
  sshRunner,
  startVm,
  type StateFolder,
  stopVm,
  type VBoxRunner,
  VBoxManage,
  vmImport,
  wslRunner,
} from '@build-machines/machines';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { awaitAddress, awaitSsh, consoleFacts } from './await-console.js';
import { versionText } from './image-version.js';
import type { VirtualMachine } from './virtual-machine.js';
import { AddressUnknownError } from './vm-task-errors.js';

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
        return;
      }
      const { vm, outcome } = await vmImport({
        runner,
        vm: name,
        image: { ova: image.ova, sha256: image.provenance.sha256, version: versionText(image.version) },
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
    async contact({ signal }) {
      const serialLog = await runner.serialLog(name);
      const host = await awaitAddress(serialLog, signal);
      if (host === undefined) throw new AddressUnknownError(name, serialLog);
      await awaitSsh(host, 22, signal);
      return { host, port: 22, consoleHostKey: (await consoleFacts(serialLog)).hostKey };
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
