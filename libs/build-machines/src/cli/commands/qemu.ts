import type { Command } from 'commander';
import { qemuLayout, startQemu, stopQemu } from '@build-machines/machines';
import type { Surroundings } from '../surroundings.js';

/** How long a machine may take to shut down before its power is cut, in milliseconds; the unit's TimeoutStopSec is longer. */
const SHUTDOWN_MS = 90_000;

/** `qemu start|stop <machine>`: what a machine's unit does when the computer starts and stops, without a workspace. */
export function addQemu(program: Command, { state, stdout, signal }: Surroundings): void {
  const qemu = program
    .command('qemu')
    .description('QEMU machines of this workstation, without a workspace (autostart)');
  qemu
    .command('start')
    .description('Start a machine that was imported; one that runs is left alone')
    .argument('<machine>', 'name of the machine')
    .action(async (name: string) => {
      const { started } = await startQemu(qemuLayout(state, name), { signal });
      stdout.write(`${name} ${started ? 'starts' : 'runs already'}\n`);
    });
  qemu
    .command('stop')
    .description('Shut a machine down; its power is cut when that takes too long')
    .argument('<machine>', 'name of the machine')
    .action(async (name: string) => {
      const { how } = await stopQemu(qemuLayout(state, name), { graceMs: SHUTDOWN_MS, signal });
      stdout.write(`${name}: ${how}\n`);
    });
}
