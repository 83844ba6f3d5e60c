import type { MachineEntry } from '../api/catalog.js';
import type { PoolMachine } from './core/pool.js';

/** How leasing sees a catalog entry. `gone` machines have no place in the pool. */
export function poolMachine(entry: MachineEntry, quarantinedUntil: number | null): PoolMachine {
  const { name, machine_id: machineId, slots, os, arch, toolchains, labels } = entry;
  return {
    ...{ name, machineId, slots, os, arch, toolchains, labels },
    withheld: whyWithheld(entry, quarantinedUntil),
    load: entry.load ?? 0,
  };
}

function whyWithheld(entry: MachineEntry, quarantinedUntil: number | null): string | null {
  const note = entry.mode_note === null ? '' : ` (${entry.mode_note})`;
  if (entry.mode === 'draining') return `is being drained${note}`;
  if (entry.mode === 'maintenance') return `is in maintenance${note}`;
  if (entry.state !== 'ready') {
    return `has been silent since ${utc(entry.last_heartbeat_at)}`;
  }
  if (quarantinedUntil !== null) {
    return `failed several times in a row, left alone until ${new Date(quarantinedUntil).toISOString().slice(11, 16)} UTC`;
  }
  return null;
}

/** A time of day, for reasons: it stays as it is, so whoever waits is told it once. */
export function utc(iso: string): string {
  return `${iso.slice(11, 19)} UTC`;
}
