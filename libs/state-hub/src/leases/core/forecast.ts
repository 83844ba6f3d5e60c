import { nextFor } from './fair-order.js';
import type { LeaseBook } from './lease-book.js';
import { requirementsKey } from './pool.js';

/** What a waiting client is told. */
export interface Outlook {
  /** 1: next on the machines that fit. */
  readonly position: number;
  /** Null when nothing is known to go by, or no machine that fits gives leases. */
  readonly waitMs: number | null;
}

/** How long leases last, from experience. */
export interface LeaseExperience {
  /** Typical time from grant to end for a label, in milliseconds; null: no experience at all. */
  typicalMs(label: string): number | null;
}

/** Assumed for the order of service when there is no experience. */
const ASSUMED_LEASE_MS = 60_000;
/** A forecast looks at most this many grants ahead; who is further back gets a position, but no time. */
const MAX_STEPS = 2_000;

/** A slot that becomes free at a time, given back by a user. */
interface FreeingSlot {
  readonly at: number;
  readonly machine: string;
  readonly user: string;
}

/** Plays the queue forward, by the very rule that serves it, on copies. */
export function forecast(book: LeaseBook, experience: LeaseExperience, now: number): Map<string, Outlook> {
  const queue = book.queue.clone();
  const ledger = book.ledger.clone();
  const outlooks = new Map<string, Outlook>();
  const servedBefore = new Map<string, number>();
  const classes = [...queue.classes()];
  const known = [...book.slots.all()].some(({ label }) => experience.typicalMs(label) !== null);
  const freeing = new FreeingOrder();
  for (const { machine, user, label, grantedAt } of book.slots.all()) {
    if (book.pool.get(machine)?.withheld !== null) continue;
    freeing.push({ at: Math.max(grantedAt + typical(experience, label), now + 1_000), machine, user });
  }
  for (let step = 0; step < MAX_STEPS && queue.size > 0; step += 1) {
    const slot = freeing.pop();
    const machine = slot === undefined ? undefined : book.pool.get(slot.machine);
    if (slot === undefined || machine === undefined) break;
    ledger.return(slot.user);
    const request = nextFor(machine, queue, book.pool, ledger, slot.at);
    if (request === undefined) continue;
    queue.remove(request.id);
    ledger.serve(request.user);
    freeing.push({ at: slot.at + typical(experience, request.label), machine: slot.machine, user: request.user });
    const position = (servedBefore.get(requirementsKey(request.requirements)) ?? 0) + 1;
    outlooks.set(request.id, { position, waitMs: known ? slot.at - now : null });
    for (const { key, requirements } of classes) {
      if (book.pool.fitting(key, requirements).has(slot.machine)) count(servedBefore, key);
    }
  }
  for (const request of queue.all()) {
    outlooks.set(request.id, { position: count(servedBefore, requirementsKey(request.requirements)), waitMs: null });
  }
  return outlooks;
}

function count(counts: Map<string, number>, key: string): number {
  const value = (counts.get(key) ?? 0) + 1;
  counts.set(key, value);
  return value;
}

function typical(experience: LeaseExperience, label: string): number {
  return experience.typicalMs(label) ?? ASSUMED_LEASE_MS;
}

/** A binary heap of slots by the time at which they become free. */
class FreeingOrder {
  readonly #heap: FreeingSlot[] = [];

  push(slot: FreeingSlot): void {
    let index = this.#heap.push(slot) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent) <= this.#at(index)) return;
      this.#swap(parent, index);
      index = parent;
    }
  }

  pop(): FreeingSlot | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(index) <= this.#at(child)) return first;
      this.#swap(index, child);
      index = child;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    if (left === undefined || right === undefined) return;
    this.#heap[a] = right;
    this.#heap[b] = left;
  }
}
