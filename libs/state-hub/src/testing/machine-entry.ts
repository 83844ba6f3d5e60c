import type { MachineEntry } from '../api/catalog.js';
import { registration } from './hub-rig.js';

/** A machine that is ready, as the catalog has it. */
export function machineEntry(name: string, slots: number): MachineEntry {
  const toolchains = [{ tool: 'ghc' as const, version: name === 'a' ? '9.0.2' : '9.6.6', path: '/usr/bin/ghc' }];
  return {
    ...registration(name, { slots, toolchains }),
    id: name,
    state: 'ready',
    ttl_seconds: 60,
    registered_at: '2026-03-01T12:00:00.000Z',
    last_heartbeat_at: '2026-03-01T12:00:00.000Z',
    load: 0,
    disk_free_bytes: null,
    slots_busy: null,
    queued: null,
    clock_skew_ms: null,
    mode: 'active',
    mode_note: null,
    slots_leased: 0,
  };
}
