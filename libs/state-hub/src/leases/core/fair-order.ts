import type { Pool, PoolMachine } from './pool.js';
import type { Waiting, WaitingQueue } from './waiting-queue.js';

/** After waiting this long, a request is served in plain order of arrival: fairness must not starve anybody. */
export const PATIENCE_MS = 10 * 60_000;

/** How much each user has had: what fairness goes by. */
export class UserLedger {
  readonly #users = new Map<string, { active: number; lastServed: number }>();
  #served = 0;

  /** Live leases of a user. */
  active(user: string): number {
    return this.#users.get(user)?.active ?? 0;
  }

  /** When a user was last given a lease, counted in leases given; 0: never. */
  lastServed(user: string): number {
    return this.#users.get(user)?.lastServed ?? 0;
  }

  /** Counts a lease given; returns its number. */
  serve(user: string): number {
    this.#served += 1;
    this.#users.set(user, { active: this.active(user) + 1, lastServed: this.#served });
    return this.#served;
  }

  /** Counts a lease ended. */
  return(user: string): void {
    const entry = this.#users.get(user);
    if (entry !== undefined) entry.active -= 1;
  }

  /** Sets what was recorded earlier. */
  restore(user: string, entry: { active: number; lastServed: number }): void {
    this.#users.set(user, { ...entry });
    this.#served = Math.max(this.#served, entry.lastServed);
  }

  clone(): UserLedger {
    const copy = new UserLedger();
    for (const [user, entry] of this.#users) copy.restore(user, entry);
    return copy;
  }
}

/**
 * The request that a free slot of a machine goes to: of the users with the fewest live leases the one served longest
 * ago, and of that user's requests the oldest. So everybody's requests are served in order, a user with a hundred does
 * not keep out one with a single request, and whoever waited {@link PATIENCE_MS} comes first in any case.
 */
export function nextFor(
  machine: PoolMachine,
  queue: WaitingQueue,
  pool: Pool,
  ledger: UserLedger,
  now: number,
): Waiting | undefined {
  let best: Waiting | undefined;
  for (const { key, requirements } of queue.classes()) {
    if (!pool.fitting(key, requirements).has(machine.name)) continue;
    for (const head of queue.heads(key)) {
      if (best === undefined || comesBefore(head, best, ledger, now)) best = head;
    }
  }
  return best;
}

function comesBefore(a: Waiting, b: Waiting, ledger: UserLedger, now: number): boolean {
  const aged = (request: Waiting) => now - request.enqueuedAt > PATIENCE_MS;
  if (aged(a) !== aged(b)) return aged(a);
  if (aged(a) || a.user === b.user) return a.seq < b.seq;
  const byActive = ledger.active(a.user) - ledger.active(b.user);
  if (byActive !== 0) return byActive < 0;
  const byTurn = ledger.lastServed(a.user) - ledger.lastServed(b.user);
  return byTurn !== 0 ? byTurn < 0 : a.seq < b.seq;
}
