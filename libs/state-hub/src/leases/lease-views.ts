import type { Lease, WaitingRequest } from '../api/leases.js';
import type { Outlook } from './core/forecast.js';
import type { LeaseBook } from './core/lease-book.js';
import type { GrantedLease } from './core/slots.js';
import type { Waiting } from './core/waiting-queue.js';

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

export function waitingView(book: LeaseBook, request: Waiting, { position, waitMs }: Outlook): WaitingRequest {
  const { id, user, label, requirements, enqueuedAt } = request;
  return {
    ...{ id, user, label, requirements, position },
    enqueued_at: new Date(enqueuedAt).toISOString(),
    expected_wait_seconds: waitMs === null ? null : Math.ceil(waitMs / 1000),
    reasons: reasons(book, request),
    absent: book.fitting(request).size === 0,
  };
}

function reasons(book: LeaseBook, request: Waiting): string[] {
  const texts: string[] = [];
  for (const name of book.fitting(request)) {
    if (texts.length === MAX_REASONS) return [...texts, 'and others'];
    const machine = book.pool.get(name);
    if (machine === undefined) continue;
    if (machine.withheld !== null) {
      texts.push(`${name} ${machine.withheld}`);
      continue;
    }
    const holders = [...book.slots.on(name).values()].map(({ user, label }) => `${user} (${label})`);
    texts.push(`${name} is busy with ${holders.join(', ')}`);
  }
  return texts.length === 0 ? ['no machine that fits is there now; the hub waits for one to come back'] : texts;
}
