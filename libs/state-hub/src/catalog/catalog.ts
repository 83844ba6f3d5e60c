import { randomUUID } from 'node:crypto';
import type { CapabilityHeartbeat, CapabilityRegistration, CapabilityState } from '@build-machines/protocol';
import type { MachineEntry, MachineMode } from '../api/catalog.js';
import { capabilityState } from './capability-state.js';
import {
  CapabilityUnknownError,
  MachineIdTakenError,
  type MachineSession,
  MachineSessionConflictError,
} from './catalog-errors.js';
import type { CatalogStore, MachineNote, MachineRecord } from './catalog-store.js';

/** Beyond this difference between a machine's clock and the hub's, the history says so. */
const NOTABLE_SKEW_MS = 60_000;

export interface CatalogOptions {
  store: CatalogStore;
  /** A machine is `ready` for this long after a heartbeat, `gone` after three times as long. */
  ttlMs: number;
  now: () => number;
  /** How many leases the hub has granted on a machine, by name. */
  leasedSlots: (machine: string) => number;
  /** Called after each change that others may see: of what a machine is, of its state or mode. */
  onChange: (machine: string) => void;
}

/**
 * The capability catalog: who is there. All entries are in memory; every change is on disk before it is acknowledged.
 * State is computed from the time of the last heartbeat, so it is right also between two sweeps.
 */
export class Catalog {
  readonly #options: CatalogOptions;
  readonly #machines = new Map<string, MachineRecord>();
  #downtime: { from: number; to: number };

  constructor(options: CatalogOptions) {
    this.#options = options;
    const startedAt = options.now();
    this.#downtime = { from: options.store.lastTick() ?? startedAt, to: startedAt };
    for (const record of options.store.loadMachines()) this.#machines.set(record.registration.name, record);
    options.store.tick(startedAt);
  }

  /** The entry of a machine by name, or undefined. */
  get(name: string): MachineEntry | undefined {
    const record = this.#machines.get(name);
    return record === undefined ? undefined : this.#entry(record);
  }

  /** All entries, by name. */
  list(): MachineEntry[] {
    return [...this.#machines.values()]
      .map((record) => this.#entry(record))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /**
   * @throws MachineSessionConflictError when another live machine has the name or the machine id, MachineIdTakenError when
   * the machine id is that of another machine's entry: silence does not give it to whoever claims it first.
   */
  register(registration: CapabilityRegistration): MachineEntry {
    const now = this.#options.now();
    this.#refuseConflict(registration, now);
    const old = this.#machines.get(registration.name);
    const same = old?.registration.machine_id === registration.machine_id ? old : undefined;
    const record: MachineRecord = {
      id: same?.id ?? randomUUID(),
      registration,
      heartbeat: same?.heartbeat ?? null,
      clockSkewMs: same?.clockSkewMs ?? null,
      registeredAt: now,
      lastHeartbeatAt: now,
      state: 'ready',
      mode: old?.mode ?? 'active',
      modeNote: old?.modeNote ?? null,
    };
    const change = old === undefined ? 'registered' : same === undefined ? 'replaced' : 'updated';
    const unchanged = same !== undefined && JSON.stringify(same.registration) === JSON.stringify(registration);
    this.#save(
      record,
      unchanged ? null : { machine: registration.name, change, detail: registrationFacts(registration) },
    );
    return this.#entry(record);
  }

  /** @throws CapabilityUnknownError when the entry is not there, or belongs to another machine id by now. */
  heartbeat(id: string, heartbeat: CapabilityHeartbeat): MachineEntry {
    const now = this.#options.now();
    const old = this.#byId(id);
    if (old.registration.machine_id !== heartbeat.machine_id) throw new CapabilityUnknownError(id);
    const clockSkewMs = Date.parse(heartbeat.clock) - now;
    const toolsChanged =
      heartbeat.toolchains !== undefined &&
      JSON.stringify(heartbeat.toolchains) !== JSON.stringify(old.registration.toolchains);
    const record: MachineRecord = {
      ...old,
      registration: { ...old.registration, toolchains: heartbeat.toolchains ?? old.registration.toolchains },
      heartbeat,
      clockSkewMs,
      lastHeartbeatAt: now,
      state: 'ready',
    };
    const machine = old.registration.name;
    let note: MachineNote | null = null;
    if (toolsChanged) note = { machine, change: 'updated', detail: registrationFacts(record.registration) };
    else if (old.state !== 'ready')
      note = { machine, change: 'state-changed', detail: { from: old.state, to: 'ready' } };
    else if (isNotable(clockSkewMs) && !isNotable(old.clockSkewMs ?? 0))
      note = { machine, change: 'clock-skewed', detail: { clock_skew_ms: clockSkewMs } };
    this.#save(record, note);
    return this.#entry(record);
  }

  /** @throws CapabilityUnknownError */
  setMode(name: string, mode: MachineMode, modeNote: string | null, by: string): MachineEntry {
    const old = this.#machines.get(name);
    if (old === undefined) throw new CapabilityUnknownError(name);
    const record = { ...old, mode, modeNote };
    this.#save(record, {
      machine: name,
      change: 'mode-changed',
      detail: { from: old.mode, to: mode, note: modeNote, by },
    });
    return this.#entry(record);
  }

  /** The name of the machine with this entry. @throws CapabilityUnknownError */
  nameOf(id: string): string {
    return this.#byId(id).registration.name;
  }

  /** @throws CapabilityUnknownError */
  deregister(id: string, by: string): void {
    const { registration } = this.#byId(id);
    const note: MachineNote = { machine: registration.name, change: 'deregistered', detail: { by } };
    this.#options.store.remove(id, note, this.#options.now());
    this.#machines.delete(registration.name);
    this.#options.onChange(registration.name);
  }

  /** Records the changes of state that time alone brought, and that the hub was alive. Called every few seconds. */
  sweep(): void {
    const now = this.#options.now();
    this.#options.store.tick(now);
    for (const record of [...this.#machines.values()]) {
      const state = this.#stateOf(record, now);
      if (state === record.state) continue;
      const detail = {
        from: record.state,
        to: state,
        silent_seconds: Math.round((now - record.lastHeartbeatAt) / 1000),
      };
      this.#save({ ...record, state }, { machine: record.registration.name, change: 'state-changed', detail });
    }
  }

  /** For this long no heartbeat could be heard: that is no silence of the machines. */
  pausedFor(ms: number): void {
    const now = this.#options.now();
    if (ms > 0) this.#downtime = { from: now - ms, to: now };
  }

  #refuseConflict(registration: CapabilityRegistration, now: number): void {
    for (const { registration: known, ...record } of this.#machines.values()) {
      const sameName = known.name === registration.name;
      const sameMachine = known.machine_id === registration.machine_id;
      const isLive = this.#stateOf(record, now) === 'ready';
      // A silent machine of the same name may have been rebuilt, and then has a new id.
      if (sameName === sameMachine || (sameName && !isLive)) continue;
      const Conflict = isLive ? MachineSessionConflictError : MachineIdTakenError;
      const error = new Conflict(
        { ...sessionOf(known), last_heartbeat_at: new Date(record.lastHeartbeatAt).toISOString() },
        sessionOf(registration),
      );
      this.#options.store.note({ machine: registration.name, change: 'refused', detail: error.details ?? {} }, now);
      throw error;
    }
  }

  #byId(id: string): MachineRecord {
    for (const record of this.#machines.values()) if (record.id === id) return record;
    throw new CapabilityUnknownError(id);
  }

  #save(record: MachineRecord, note: MachineNote | null): void {
    this.#options.store.save(record, note, this.#options.now());
    this.#machines.set(record.registration.name, record);
    this.#options.onChange(record.registration.name);
  }

  #stateOf(record: { lastHeartbeatAt: number }, now: number): CapabilityState {
    return capabilityState(record.lastHeartbeatAt, now, this.#options.ttlMs, this.#downtime);
  }

  #entry(record: MachineRecord): MachineEntry {
    const { heartbeat } = record;
    return {
      ...record.registration,
      id: record.id,
      state: this.#stateOf(record, this.#options.now()),
      ttl_seconds: this.#options.ttlMs / 1000,
      registered_at: new Date(record.registeredAt).toISOString(),
      last_heartbeat_at: new Date(record.lastHeartbeatAt).toISOString(),
      load: heartbeat?.load ?? null,
      disk_free_bytes: heartbeat?.disk_free_bytes ?? null,
      slots_busy: heartbeat?.slots_busy ?? null,
      queued: heartbeat?.queued ?? null,
      clock_skew_ms: record.clockSkewMs,
      mode: record.mode,
      mode_note: record.modeNote,
      slots_leased: this.#options.leasedSlots(record.registration.name),
    };
  }
}

function sessionOf({ name, machine_id, hostname }: CapabilityRegistration): MachineSession {
  return { name, machine_id, hostname };
}

function isNotable(skewMs: number): boolean {
  return Math.abs(skewMs) > NOTABLE_SKEW_MS;
}

function registrationFacts(registration: CapabilityRegistration): Record<string, unknown> {
  const { machine_id, hostname, tunnel_port, agent_version, slots, toolchains } = registration;
  return {
    machine_id,
    hostname,
    tunnel_port,
    agent_version,
    slots,
    toolchains: toolchains.map(({ tool, version }) => `${tool} ${version}`),
  };
}
