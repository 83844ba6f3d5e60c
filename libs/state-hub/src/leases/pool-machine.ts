import type { MachineEntry } from '../api/catalog.js';
import type { PoolMachine } from './core/pool.js';

/** How leasing sees a catalog entry. `gone` machines have no place in the pool. */
export function poolMachine(entry: MachineEntry, quarantinedUntil: number | null, now: number): PoolMachine {
  const { name, machine_id: machineId, slots, os, arch, toolchains, labels } = entry;
  return {
    ...{ name, machineId, slots, os, arch, toolchains, labels },
    withheld: whyWithheld(entry, quarantinedUntil, now),
    load: entry.load ?? 0,
  };
}

function whyWithheld(entry: MachineEntry, quarantinedUntil: number | null, now: number): string | null {
  const note = entry.mode_note === null ? '' : ` (${entry.mode_note})`;
  if (entry.mode === 'draining') return `is being drained${note}`;
  if (entry.mode === 'maintenance') return `is in maintenance${note}`;
  if (entry.state !== 'ready') {
    return `has been silent for ${Math.round((now - Date.parse(entry.last_heartbeat_at)) / 1000)} s`;
  }
  if (quarantinedUntil !== null) {
    return `failed several times in a row, left alone until ${new Date(quarantinedUntil).toISOString().slice(11, 16)} UTC`;
  }
  return null;
}
