import type { LeaseEndReason, LeaseHolder } from '../../api/leases.js';
import { nextFor, UserLedger } from './fair-order.js';
import { Pool, type PoolMachine, requirementsKey } from './pool.js';
import { bestMachine, type GrantedLease, SlotTable } from './slots.js';
import { type Waiting, WaitingQueue } from './waiting-queue.js';

/** What a command did to the book, in order. Applying the changes to an earlier copy on disk gives the same book. */
export type LeaseChange =
  | { readonly kind: 'enqueued'; readonly request: Waiting }
  | { readonly kind: 'granted'; readonly lease: GrantedLease; readonly served: number }
  | { readonly kind: 'renewed'; readonly id: string; readonly expiresAt: number }
  | {
      readonly kind: 'ended';
      readonly id: string;
      readonly reason: LeaseEndReason;
      readonly at: number;
      /** The lease that ended; null when a request ended that was still waiting. */
      readonly lease: GrantedLease | null;
    };

/** What a book is opened with: what was on disk. */
export interface BookSnapshot {
  readonly waiting: readonly Waiting[];
  readonly leases: readonly GrantedLease[];
  /** Per machine, the largest fence ever given. */
  readonly fences: ReadonlyMap<string, number>;
  /** Per user, the number of the last lease given to them, see {@link UserLedger}. */
  readonly lastServed: ReadonlyMap<string, number>;
  readonly lastSeq: number;
}

/** A waiting client that has not asked for this long has gone away. */
export const ABANDONED_AFTER_MS = 60_000;
/** A lease whose time is over, and whose slot nobody wants, can still be renewed for this long: its holder may be asleep. */
export const LAPSED_FOR_MS = 5 * 60_000;

/**
 * Who holds which slot and who waits: a state machine without I/O. Time comes in with each command; each command
 * returns the changes that it made.
 *
 * Invariants, after every command: a slot has at most one lease; fences of a machine only grow; a lease ends only by a
 * command or by its time; nobody waits who fits a slot of a machine that gives leases which is free, or whose lease has
 * lapsed.
 */
export class LeaseBook {
  readonly pool = new Pool();
  readonly slots = new SlotTable();
  readonly queue = new WaitingQueue();
  readonly ledger = new UserLedger();
  readonly #fences: Map<string, number>;
  readonly #seenAt = new Map<string, number>();
  #lastSeq: number;
  /** Nothing can expire before this time. */
  #nextDeadline = 0;

  /** @param now waiting clients count as seen now; leases keep their times. */
  constructor(snapshot: BookSnapshot, now: number) {
    this.#fences = new Map(snapshot.fences);
    this.#lastSeq = snapshot.lastSeq;
    for (const request of [...snapshot.waiting].sort((a, b) => a.seq - b.seq)) {
      this.queue.add(request);
      this.#seenAt.set(request.id, now);
    }
    for (const [user, lastServed] of snapshot.lastServed) this.ledger.restore(user, { active: 0, lastServed });
    for (const lease of snapshot.leases) {
      this.slots.set(lease);
      const { user } = lease;
      this.ledger.restore(user, { active: this.ledger.active(user) + 1, lastServed: this.ledger.lastServed(user) });
    }
  }

  /** Gives a slot, or puts the request into the queue. The id must be new. */
  acquire(wanted: Omit<Waiting, 'seq' | 'enqueuedAt'>, now: number): LeaseChange[] {
    const changes = this.sweep(now);
    this.#lastSeq += 1;
    const request: Waiting = { ...wanted, seq: this.#lastSeq, enqueuedAt: now };
    changes.push({ kind: 'enqueued', request });
    const machine = bestMachine(request, this.#fittingMachines(request), this.slots);
    if (machine !== undefined) return [...changes, this.#grant(request, machine, now)];
    this.queue.add(request);
    this.#seen(request.id, now);
    for (const { name } of this.#fittingMachines(request)) {
      changes.push(...this.#fill(name, now));
      if (this.queue.get(request.id) === undefined) break;
    }
    return changes;
  }

  /** The waiting client asked: it is still there. */
  touch(id: string, now: number): LeaseChange[] {
    const changes = this.sweep(now);
    if (this.queue.get(id) !== undefined) this.#seen(id, now);
    return changes;
  }

  /** Makes a live lease last from now on. */
  renew(id: string, now: number): LeaseChange[] {
    const changes = this.sweep(now);
    const lease = this.slots.get(id);
    if (lease === undefined) return changes;
    const expiresAt = now + lease.leaseMs;
    this.slots.set({ ...lease, expiresAt });
    return [...changes, { kind: 'renewed', id, expiresAt }];
  }

  /** Ends a lease or a wait, for a reason, if it has not ended. */
  end(id: string, reason: LeaseEndReason, now: number): LeaseChange[] {
    const changes = this.sweep(now);
    if (this.queue.get(id) !== undefined) changes.push(this.#leave(id, reason, now));
    const lease = this.slots.get(id);
    if (lease !== undefined) changes.push(this.#endLease(lease, reason, now), ...this.#fill(lease.machine, now));
    return changes;
  }

  /** Ends what belongs to processes that are no more, as far as that can be known. */
  bury(isDead: (holder: LeaseHolder) => boolean, now: number): LeaseChange[] {
    const changes = this.sweep(now);
    const isBuried = ({ holder }: { holder: LeaseHolder | null }) => holder !== null && isDead(holder);
    for (const request of this.queue.all())
      if (isBuried(request)) changes.push(this.#leave(request.id, 'holder-died', now));
    const freed = new Set<string>();
    for (const lease of [...this.slots.all()].filter(isBuried)) {
      changes.push(this.#endLease(lease, 'holder-died', now));
      freed.add(lease.machine);
    }
    for (const machine of freed) changes.push(...this.#fill(machine, now));
    return changes;
  }

  /** Moves all deadlines: for this long nobody could renew, because the computer slept or its clock was set. */
  shift(ms: number): LeaseChange[] {
    for (const [id, seenAt] of this.#seenAt) this.#seenAt.set(id, seenAt + ms);
    this.#nextDeadline += ms;
    return [...this.slots.all()].map((lease): LeaseChange => {
      const expiresAt = lease.expiresAt + ms;
      this.slots.set({ ...lease, expiresAt });
      return { kind: 'renewed', id: lease.id, expiresAt };
    });
  }

  /** Takes over what is known of a machine by now. Leases on another machine of that name end. */
  setMachine(machine: PoolMachine, now: number): LeaseChange[] {
    const changes = this.sweep(now);
    for (const lease of [...this.slots.on(machine.name).values()]) {
      if (lease.machineId !== machine.machineId) changes.push(this.#endLease(lease, 'machine-replaced', now));
    }
    this.pool.set(machine);
    return [...changes, ...this.#fill(machine.name, now)];
  }

  /** The machine is gone, and its leases with it. */
  removeMachine(name: string, now: number): LeaseChange[] {
    const changes = this.sweep(now);
    this.pool.delete(name);
    for (const lease of [...this.slots.on(name).values()]) changes.push(this.#endLease(lease, 'machine-gone', now));
    return changes;
  }

  /** Ends what time has ended: of the leases, those whose slot somebody wants, and those that lapsed long ago. */
  sweep(now: number): LeaseChange[] {
    if (now < this.#nextDeadline) return [];
    const changes: LeaseChange[] = [];
    const lapsed = new Set<string>();
    let nextDeadline = Infinity;
    for (const [id, seenAt] of [...this.#seenAt]) {
      if (now - seenAt > ABANDONED_AFTER_MS) changes.push(this.#leave(id, 'abandoned', now));
      else nextDeadline = Math.min(nextDeadline, seenAt + ABANDONED_AFTER_MS + 1);
    }
    for (const lease of [...this.slots.all()]) {
      const endsAt = lease.expiresAt + LAPSED_FOR_MS;
      if (now >= endsAt) changes.push(this.#endLease(lease, 'expired', now));
      if (now >= lease.expiresAt) lapsed.add(lease.machine);
      nextDeadline = Math.min(nextDeadline, ...[lease.expiresAt, endsAt].filter((at) => at > now));
    }
    this.#nextDeadline = nextDeadline;
    for (const machine of lapsed) changes.push(...this.#fill(machine, now));
    this.pool.forgetFitting((key) => this.queue.hasClass(key));
    return changes;
  }

  /** Names of the machines that fit a request, whether or not they give leases now. */
  fitting(request: Pick<Waiting, 'requirements'>): ReadonlySet<string> {
    return this.pool.fitting(requirementsKey(request.requirements), request.requirements);
  }

  *#fittingMachines(request: Waiting): Generator<PoolMachine> {
    for (const name of this.fitting(request)) {
      const machine = this.pool.get(name);
      if (machine !== undefined) yield machine;
    }
  }

  /** Gives the free slots of a machine to those who wait for it, and those whose lease has lapsed. */
  #fill(name: string, now: number): LeaseChange[] {
    const changes: LeaseChange[] = [];
    const machine = this.pool.get(name);
    while (machine !== undefined && machine.withheld === null) {
      const request = nextFor(machine, this.queue, this.pool, this.ledger, now);
      if (request === undefined) break;
      if (this.slots.freeSlot(machine) === undefined) {
        const lapsed = this.#firstLapsed(machine, now);
        if (lapsed === undefined) break;
        changes.push(this.#endLease(lapsed, 'expired', now));
      }
      this.queue.remove(request.id);
      this.#seenAt.delete(request.id);
      changes.push(this.#grant(request, machine, now));
    }
    return changes;
  }

  /** The lease of a slot that could be given on, if it has lapsed: the one that did so first. */
  #firstLapsed(machine: PoolMachine, now: number): GrantedLease | undefined {
    let first: GrantedLease | undefined;
    for (const lease of this.slots.on(machine.name).values()) {
      if (now < lease.expiresAt || lease.slot >= machine.slots) continue;
      if (first === undefined || lease.expiresAt < first.expiresAt) first = lease;
    }
    return first;
  }

  #grant(request: Waiting, machine: PoolMachine, now: number): LeaseChange {
    const slot = this.slots.freeSlot(machine);
    if (slot === undefined) throw new Error(`no slot of ${machine.name} is free`);
    const fence = (this.#fences.get(machine.name) ?? 0) + 1;
    this.#fences.set(machine.name, fence);
    const { id, user, label, enqueuedAt, leaseMs, holder } = request;
    const lease: GrantedLease = {
      ...{ id, user, label, enqueuedAt, leaseMs, holder, slot, fence },
      machine: machine.name,
      machineId: machine.machineId,
      grantedAt: now,
      expiresAt: now + leaseMs,
    };
    this.slots.set(lease);
    this.#nextDeadline = Math.min(this.#nextDeadline, lease.expiresAt);
    return { kind: 'granted', lease, served: this.ledger.serve(user) };
  }

  #leave(id: string, reason: LeaseEndReason, at: number): LeaseChange {
    this.queue.remove(id);
    this.#seenAt.delete(id);
    return { kind: 'ended', id, reason, at, lease: null };
  }

  #endLease(lease: GrantedLease, reason: LeaseEndReason, at: number): LeaseChange {
    this.slots.delete(lease);
    this.ledger.return(lease.user);
    return { kind: 'ended', id: lease.id, reason, at, lease };
  }

  #seen(id: string, now: number): void {
    this.#seenAt.set(id, now);
    this.#nextDeadline = Math.min(this.#nextDeadline, now + ABANDONED_AFTER_MS + 1);
  }
}
