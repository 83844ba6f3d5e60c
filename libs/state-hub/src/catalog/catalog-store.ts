import { CapabilityHeartbeat, CapabilityRegistration, CapabilityState } from '@build-machines/protocol';
import { z } from 'zod';
import {
  type MachineChange,
  type MachineHistoryEntry,
  MachineHistoryEntry as HistoryEntry,
  MachineMode,
} from '../api/catalog.js';
import { type Database, inTransaction } from '../database/database.js';

/** A machine as the database keeps it. Times are milliseconds since the epoch. */
export interface MachineRecord {
  id: string;
  registration: CapabilityRegistration;
  heartbeat: CapabilityHeartbeat | null;
  clockSkewMs: number | null;
  registeredAt: number;
  lastHeartbeatAt: number;
  /** The state last seen by the sweep; the state now is computed from the times. */
  state: CapabilityState;
  mode: MachineMode;
  modeNote: string | null;
}

/** A line for the history of a machine. */
export interface MachineNote {
  machine: string;
  change: MachineChange;
  detail: Record<string, unknown>;
}

const json = z.string().transform((text): unknown => JSON.parse(text));

const MachineRow = z
  .object({
    id: z.string(),
    registration: json.pipe(CapabilityRegistration),
    heartbeat: json.pipe(CapabilityHeartbeat).nullable(),
    clock_skew_ms: z.number().nullable(),
    registered_at: z.number(),
    last_heartbeat_at: z.number(),
    state: CapabilityState,
    mode: MachineMode,
    mode_note: z.string().nullable(),
  })
  .transform((row): MachineRecord => ({
    id: row.id,
    registration: row.registration,
    heartbeat: row.heartbeat,
    clockSkewMs: row.clock_skew_ms,
    registeredAt: row.registered_at,
    lastHeartbeatAt: row.last_heartbeat_at,
    state: row.state,
    mode: row.mode,
    modeNote: row.mode_note,
  }));

const HistoryRow = z.object({
  seq: z.number(),
  at: z.number().transform((at) => new Date(at).toISOString()),
  machine: z.string(),
  change: z.string(),
  detail: json,
});

/** So many lines are kept of one machine, the newest: one that registers again and again shall not fill the disk. */
const HISTORY_KEPT = 1000;

/** The machines and their history on disk. Every write is committed before it returns. */
export class CatalogStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  loadMachines(): MachineRecord[] {
    return z.array(MachineRow).parse(this.#database.prepare('SELECT * FROM machines ORDER BY name').all());
  }

  /** Writes a machine (an entry of the same name is replaced) and its history line, both or neither. */
  save(record: MachineRecord, note: MachineNote | null, at: number): void {
    const { registration, heartbeat } = record;
    inTransaction(this.#database, () => {
      this.#database.prepare('DELETE FROM machines WHERE name = ? AND id <> ?').run(registration.name, record.id);
      this.#database
        .prepare(
          `INSERT OR REPLACE INTO machines (id, name, machine_id, registration, heartbeat, clock_skew_ms, registered_at,
             last_heartbeat_at, state, mode, mode_note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          record.id,
          registration.name,
          registration.machine_id,
          JSON.stringify(registration),
          heartbeat === null ? null : JSON.stringify(heartbeat),
          record.clockSkewMs,
          record.registeredAt,
          record.lastHeartbeatAt,
          record.state,
          record.mode,
          record.modeNote,
        );
      if (note !== null) this.note(note, at);
    });
  }

  remove(id: string, note: MachineNote, at: number): void {
    inTransaction(this.#database, () => {
      this.#database.prepare('DELETE FROM machines WHERE id = ?').run(id);
      this.note(note, at);
    });
  }

  note({ machine, change, detail }: MachineNote, at: number): void {
    this.#database
      .prepare('INSERT INTO machine_history (at, machine, change, detail) VALUES (?, ?, ?, ?)')
      .run(at, machine, change, JSON.stringify(detail));
    this.#database
      .prepare(
        `DELETE FROM machine_history WHERE machine = ?1 AND seq <=
           (SELECT seq FROM machine_history WHERE machine = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)`,
      )
      .run(machine, HISTORY_KEPT);
  }

  /** The newest lines first. */
  history(filter: { machine?: string | undefined; limit: number }): MachineHistoryEntry[] {
    const rows = this.#database
      .prepare('SELECT * FROM machine_history WHERE ?1 IS NULL OR machine = ?1 ORDER BY seq DESC LIMIT ?2')
      .all(filter.machine ?? null, filter.limit);
    return z.array(HistoryRow.pipe(HistoryEntry)).parse(rows);
  }

  /** Forgets history older than a time. */
  pruneHistory(before: number): void {
    this.#database.prepare('DELETE FROM machine_history WHERE at < ?').run(before);
  }

  /** When the hub last said that it was alive; null before its first tick. */
  lastTick(): number | null {
    const row = this.#database.prepare('SELECT last_tick_at FROM hub_clock').get();
    return row === undefined ? null : z.object({ last_tick_at: z.number() }).parse(row).last_tick_at;
  }

  tick(at: number): void {
    this.#database.prepare('INSERT OR REPLACE INTO hub_clock (one, last_tick_at) VALUES (1, ?)').run(at);
  }
}
