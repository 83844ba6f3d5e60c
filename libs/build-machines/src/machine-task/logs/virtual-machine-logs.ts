import { type LoadedMachine, loginTo, resolveMachineAccess, type StateFolder } from '@build-machines/machines';
import { setTimeout as sleep } from 'node:timers/promises';
import { type VirtualMachine, virtualMachineOf } from '../../vm-task/virtual-machine.js';
import { shellTo } from '../shell-to.js';
import type { LogView, MachineLog } from './machine-log.js';

/** Units of a machine made from our image; see agent/systemd. */
const UNITS = { sshd: 'ssh.service', agent: 'build-agent.service', tunnel: 'build-tunnel.service' };

/** How often a followed console is looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * The logs of a VM: its console is read from its hypervisor, also when it does not boot; what its parts log is in the
 * VM's own journal, and comes over SSH.
 */
export function virtualMachineLogs(machine: LoadedMachine, state: StateFolder): MachineLog[] {
  const vm = virtualMachineOf(machine, state);
  const journals = Object.entries(UNITS).map(([unit, service]) => ({
    unit,
    show: (view: LogView) => showJournal(machine.definition.name, state, vm, service, view),
  }));
  return [{ unit: 'console', show: (view) => showConsole(vm, view) }, ...journals];
}

async function showConsole(vm: VirtualMachine, { lines, follow, print, signal }: LogView): Promise<void> {
  let shown = await vm.console();
  print(`${shown.replace(/\n$/, '').split('\n').slice(-lines).join('\n')}\n`);
  while (follow && !signal.aborted) {
    const now = await vm.console();
    // A console that does not go on from what was shown is that of another VM.
    print(now.startsWith(shown) ? now.slice(shown.length) : now);
    shown = now;
    // The abort is how following ends, not an error.
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Not through the tunnel where there is another way: the tunnel may be what is broken. */
async function showJournal(
  name: string,
  state: StateFolder,
  vm: VirtualMachine,
  service: string,
  { lines, follow, print, signal }: LogView,
): Promise<void> {
  const access = await resolveMachineAccess(state, name);
  const { host, port } = (await vm.address()) ?? { host: access.sshHost, port: access.sshPort };
  const journal = `exec journalctl -u ${service} -n ${Math.trunc(lines)} -o short-iso --no-pager${follow ? ' -f' : ''}`;
  await shellTo({ ...loginTo(access), host, port }).succeed(`Reading the journal of ${service}`, journal, {
    onOutput: (stream, text) => {
      if (stream === 'stdout') print(text);
    },
    signal,
  });
}
