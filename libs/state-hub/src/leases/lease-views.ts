import type { MachineEntry } from '../api/catalog.js';
import type { Lease, Requirements, WaitingRequest } from '../api/leases.js';
import type { Outlook } from './core/forecast.js';
import type { LeaseBook } from './core/lease-book.js';
import { misfit } from './core/pool.js';
import type { GrantedLease } from './core/slots.js';
import type { Waiting } from './core/waiting-queue.js';
import { poolMachine, utc } from './pool-machine.js';

/** At most this many reasons are told: a pool of a thousand has a thousand. */
const MAX_REASONS = 10;

export function leaseView(lease: GrantedLease): Lease {
  const { id, user, label, machine, slot, fence } = lease;
  return {
    ...{ id, user, label, machine, slot, fence },
    machine_id: lease.machineId,
    granted_at: new Date(lease.grantedAt).toISOString(),
    expires_at: new Date(lease.expiresAt).toISOString(),
    lease_seconds: lease.leaseMs / 1000,
    waited_seconds: (lease.grantedAt - lease.enqueuedAt) / 1000,
  };
}

/** What is known beside a request that waits. */
export interface WaitingContext {
  readonly book: LeaseBook;
  readonly catalog: { list(): readonly MachineEntry[]; get(name: string): MachineEntry | undefined };
  readonly outlook: Outlook;
  readonly now: number;
}

export function waitingView(request: Waiting, context: WaitingContext): WaitingRequest {
  const { id, user, label, requirements, enqueuedAt } = request;
  const { book, outlook } = context;
  const absent = book.fitting(request).size === 0;
  return {
    ...{ id, user, label, requirements, position: outlook.position },
    enqueued_at: new Date(enqueuedAt).toISOString(),
    expected_wait_seconds: outlook.waitMs === null ? null : Math.ceil(outlook.waitMs / 1000),
    reasons: atMost(MAX_REASONS, absent ? absences(requirements, context) : reasons(request, context)),
    absent,
  };
}

/** Why no machine that fits is given now. */
function* reasons(request: Waiting, { book, catalog, now }: WaitingContext): Generator<string> {
  for (const name of book.fitting(request)) {
    const machine = book.pool.get(name);
    if (machine === undefined) continue;
    const entry = catalog.get(name);
    if (machine.withheld !== null) {
      const gone = entry?.state === 'stale' ? `, counts as gone ${3 * entry.ttl_seconds} s after that` : '';
      yield `${name} ${machine.withheld}${gone}`;
      continue;
    }
    const holders = [...book.slots.on(name).values()].map(({ user, label }) => `${user} (${label})`);
    const silent =
      entry === undefined || !isLate(entry, now) ? '' : `, and silent since ${utc(entry.last_heartbeat_at)}`;
    yield `${name} is busy with ${holders.join(', ')}${silent}`;
  }
}

/** Where the machines are that would fit and are not there. */
function* absences(requirements: Requirements, { catalog }: WaitingContext): Generator<string> {
  let known = false;
  for (const entry of catalog.list()) {
    if (misfit(poolMachine(entry, null), requirements) !== null) continue;
    known = true;
    yield `${entry.name} is gone: it has been silent since ${utc(entry.last_heartbeat_at)}`;
  }
  if (!known) yield 'no machine that fits is registered any more';
}

/** Whether at least one heartbeat is missing: they come three times in the time after which a machine is stale. */
function isLate({ last_heartbeat_at: heard, ttl_seconds: ttl }: MachineEntry, now: number): boolean {
  return now - Date.parse(heard) > (ttl * 1000) / 2;
}

function atMost(limit: number, texts: Iterable<string>): string[] {
  const taken: string[] = [];
  for (const text of texts) {
    if (taken.length === limit) return [...taken, 'and others'];
    taken.push(text);
  }
  return taken;
}
