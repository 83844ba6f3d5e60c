import { z } from 'zod';
import { LeaseEndReason, LeaseHolder, Requirements } from '../api/leases.js';
import { type Database, inTransaction } from '../database/database.js';
import type { BookSnapshot, LeaseChange } from './core/lease-book.js';

/** A ticket that is no more. */
export interface EndedTicket {
  id: string;
  user: string;
  machine: string | null;
  reason: LeaseEndReason;
  endedAt: number;
}

const json = z.string().transform((text): unknown => JSON.parse(text));

const WaitingRow = z
  .object({
    id: z.string(),
    seq: z.number(),
    user: z.string(),
    label: z.string(),
    requirements: json.pipe(Requirements),
    prefer: json.pipe(z.array(z.string())),
    lease_ms: z.number(),
    enqueued_at: z.number(),
    holder: json.pipe(LeaseHolder).nullable(),
  })
  .transform(({ lease_ms: leaseMs, enqueued_at: enqueuedAt, ...rest }) => ({ ...rest, leaseMs, enqueuedAt }));

const GrantedRow = z
  .object({
    id: z.string(),
    user: z.string(),
    label: z.string(),
    machine: z.string(),
    machine_id: z.string(),
    slot: z.number(),
    fence: z.number(),
    enqueued_at: z.number(),
    granted_at: z.number(),
    expires_at: z.number(),
    lease_ms: z.number(),
    holder: json.pipe(LeaseHolder).nullable(),
  })
  .transform((row) => ({
    id: row.id,
    user: row.user,
    label: row.label,
    machine: row.machine,
    machineId: row.machine_id,
    slot: row.slot,
    fence: row.fence,
    enqueuedAt: row.enqueued_at,
    grantedAt: row.granted_at,
    expiresAt: row.expires_at,
    leaseMs: row.lease_ms,
    holder: row.holder,
  }));

const EndedRow = z
  .object({
    id: z.string(),
    user: z.string(),
    machine: z.string().nullable(),
    end_reason: LeaseEndReason,
    ended_at: z.number(),
  })
  .transform(({ end_reason: reason, ended_at: endedAt, ...rest }): EndedTicket => ({ ...rest, reason, endedAt }));

/** The lease book on disk. */
export class LeaseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  load(): BookSnapshot {
    const rows = (sql: string) => this.#database.prepare(sql).all();
    const Count = z.object({ name: z.string(), value: z.number() });
    const counts = (sql: string) =>
      new Map(
        z
          .array(Count)
          .parse(rows(sql))
          .map(({ name, value }) => [name, value] as const),
      );
    const [last] = z
      .array(z.object({ seq: z.number().nullable() }))
      .parse(rows('SELECT max(seq) AS seq FROM lease_tickets'));
    return {
      waiting: z.array(WaitingRow).parse(rows("SELECT * FROM lease_tickets WHERE status = 'waiting'")),
      leases: z.array(GrantedRow).parse(rows("SELECT * FROM lease_tickets WHERE status = 'granted'")),
      fences: counts('SELECT machine AS name, fence AS value FROM lease_fences'),
      lastServed: counts('SELECT user AS name, last_served AS value FROM lease_users'),
      lastSeq: last?.seq ?? 0,
    };
  }

  /** Writes changes: all of them, or (when it throws) none. */
  apply(changes: readonly LeaseChange[]): void {
    if (changes.length === 0) return;
    inTransaction(this.#database, () => {
      for (const change of changes) this.#applyOne(change);
    });
  }

  findEnded(id: string): EndedTicket | undefined {
    const row = this.#database.prepare("SELECT * FROM lease_tickets WHERE id = ? AND status = 'ended'").get(id);
    return row === undefined ? undefined : EndedRow.parse(row);
  }

  /** How long the latest leases that came to a regular end lasted, oldest first. */
  recentDurations(limit: number): { label: string; durationMs: number }[] {
    const rows = this.#database
      .prepare(
        `SELECT label, ended_at - granted_at AS durationMs FROM lease_tickets
         WHERE status = 'ended' AND end_reason = 'released' ORDER BY ended_at DESC LIMIT ?`,
      )
      .all(limit);
    return z
      .array(z.object({ label: z.string(), durationMs: z.number() }))
      .parse(rows)
      .reverse();
  }

  /** Forgets tickets that ended before a time. Fences stay for ever. */
  prune(before: number): void {
    this.#database.prepare("DELETE FROM lease_tickets WHERE status = 'ended' AND ended_at < ?").run(before);
  }

  #applyOne(change: LeaseChange): void {
    switch (change.kind) {
      case 'enqueued': {
        const { request } = change;
        this.#database
          .prepare(
            `INSERT INTO lease_tickets (id, seq, user, label, requirements, prefer, lease_ms, enqueued_at, holder, status)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')`,
          )
          .run(
            request.id,
            request.seq,
            request.user,
            request.label,
            JSON.stringify(request.requirements),
            JSON.stringify(request.prefer),
            request.leaseMs,
            request.enqueuedAt,
            request.holder === null ? null : JSON.stringify(request.holder),
          );
        return;
      }
      case 'granted': {
        const { lease, served } = change;
        this.#database
          .prepare(
            `UPDATE lease_tickets SET status = 'granted', machine = ?, machine_id = ?, slot = ?, fence = ?,
               granted_at = ?, expires_at = ? WHERE id = ?`,
          )
          .run(lease.machine, lease.machineId, lease.slot, lease.fence, lease.grantedAt, lease.expiresAt, lease.id);
        this.#database
          .prepare('INSERT OR REPLACE INTO lease_fences (machine, fence) VALUES (?, ?)')
          .run(lease.machine, lease.fence);
        this.#database
          .prepare('INSERT OR REPLACE INTO lease_users (user, last_served) VALUES (?, ?)')
          .run(lease.user, served);
        return;
      }
      case 'renewed':
        this.#database.prepare('UPDATE lease_tickets SET expires_at = ? WHERE id = ?').run(change.expiresAt, change.id);
        return;
      case 'ended':
        this.#database
          .prepare("UPDATE lease_tickets SET status = 'ended', ended_at = ?, end_reason = ? WHERE id = ?")
          .run(change.at, change.reason, change.id);
    }
  }
}
