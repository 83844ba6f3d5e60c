import { hostLog, hostLogNames, type LoadedMachine, sandboxLayout, type StateFolder } from '@build-machines/machines';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { followFile, lastLines } from '../../reporting/log-tail.js';
import { hostOf } from '../host-task.js';
import type { MachineLog } from './machine-log.js';
import { virtualMachineLogs } from './virtual-machine-logs.js';

/** The logs that a machine has, in the order in which its parts start. */
export async function machineLogs(machine: LoadedMachine, state: StateFolder): Promise<MachineLog[]> {
  const { name, provider } = machine.definition;
  switch (provider) {
    case 'sandbox':
      return sandboxLogs(state, name);
    case 'ssh':
      return hostLogs(state, name);
    case 'qemu':
    case 'virtualbox':
      return virtualMachineLogs(machine, state);
  }
}

/** Files of this computer; a part that never ran has none. */
function sandboxLogs(state: StateFolder, name: string): MachineLog[] {
  const folder = sandboxLayout(state, name).supervisor;
  return ['supervisor', 'sshd', 'agent', 'tunnel']
    .map((unit) => ({ unit, file: join(folder, `${unit}.log`) }))
    .filter(({ file }) => existsSync(file))
    .map(({ unit, file }) => ({
      unit,
      async show({ lines, follow, print, signal }) {
        const { text, end } = await lastLines(file, lines);
        print(`${text}\n`);
        if (follow) await followFile(file, end, signal, print);
      },
    }));
}

/** The logs of an adopted host are there; they come over SSH. */
async function hostLogs(state: StateFolder, name: string): Promise<MachineLog[]> {
  const host = await hostOf(state, name);
  return hostLogNames(host.services).map((unit) => ({ unit, show: (view) => hostLog(host, unit, view) }));
}
