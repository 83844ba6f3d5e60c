import type { MachineEntry } from '../api/catalog.js';
import type { Requirements } from '../api/leases.js';
import { misfit } from './core/pool.js';
import { NoMachineFitsError } from './lease-errors.js';
import { poolMachine } from './pool-machine.js';

/** Machines that are gone may come back, so a request that only they fit waits. @throws NoMachineFitsError */
export function refuseHopeless(requirements: Requirements, entries: readonly MachineEntry[]): void {
  const misfits = [];
  for (const entry of entries) {
    const reason = misfit(poolMachine(entry, null), requirements);
    if (reason === null) return;
    misfits.push({ machine: entry.name, reason });
  }
  throw new NoMachineFitsError(requirements, misfits);
}
