import type { LeaseHolder } from '../../api/leases.js';
import type { PoolMachine } from './pool.js';
import type { Waiting } from './waiting-queue.js';

/** A slot that is given. Times are milliseconds since the epoch. */
export interface GrantedLease {
  readonly id: string;
  readonly user: string;
  readonly label: string;
  readonly machine: string;
  readonly machineId: string;
  readonly slot: number;
  readonly fence: number;
  readonly enqueuedAt: number;
  readonly grantedAt: number;
  readonly expiresAt: number;
  readonly leaseMs: number;
  /** The process behind it; null where the client named none. */
  readonly holder: LeaseHolder | null;
}

/** Which slot of which machine is given to whom. */
export class SlotTable {
  readonly #byId = new Map<string, GrantedLease>();
  readonly #byMachine = new Map<string, Map<number, GrantedLease>>();

  get(id: string): GrantedLease | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<GrantedLease> {
    return this.#byId.values();
  }

  on(machine: string): ReadonlyMap<number, GrantedLease> {
    return this.#byMachine.get(machine) ?? new Map<number, GrantedLease>();
  }

  set(lease: GrantedLease): void {
    this.#byId.set(lease.id, lease);
    const slots = this.#byMachine.get(lease.machine);
    if (slots === undefined) this.#byMachine.set(lease.machine, new Map([[lease.slot, lease]]));
    else slots.set(lease.slot, lease);
  }

  delete(lease: GrantedLease): void {
    this.#byId.delete(lease.id);
    const slots = this.#byMachine.get(lease.machine);
    slots?.delete(lease.slot);
    if (slots?.size === 0) this.#byMachine.delete(lease.machine);
  }

  /** The lowest free slot of a machine that gives leases; undefined when there is none. */
  freeSlot(machine: PoolMachine): number | undefined {
    if (machine.withheld !== null) return undefined;
    const taken = this.on(machine.name);
    if (taken.size === 0) return machine.slots > 0 ? 0 : undefined;
    for (let slot = 0; slot < machine.slots; slot += 1) if (!taken.has(slot)) return slot;
    return undefined;
  }

  /** How full a machine is, from 0 to 1. */
  fullness(machine: PoolMachine): number {
    return this.on(machine.name).size / machine.slots;
  }
}

/**
 * The best of the machines with a free slot: one that the request prefers; otherwise the emptiest, the least loaded,
 * the first by name. So work spreads over the pool, and a workspace comes back to where its mirror is warm.
 */
export function bestMachine(
  request: Pick<Waiting, 'prefer'>,
  candidates: Iterable<PoolMachine>,
  slots: SlotTable,
): PoolMachine | undefined {
  let best: PoolMachine | undefined;
  let bestRank: readonly [number, number, number, string] | undefined;
  for (const machine of candidates) {
    if (slots.freeSlot(machine) === undefined) continue;
    const preference = request.prefer.indexOf(machine.name);
    const rank = [
      preference < 0 ? request.prefer.length : preference,
      slots.fullness(machine),
      machine.load,
      machine.name,
    ] as const;
    if (bestRank === undefined || isLower(rank, bestRank)) {
      best = machine;
      bestRank = rank;
    }
  }
  return best;
}

function isLower(a: readonly (number | string)[], b: readonly (number | string)[]): boolean {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right !== undefined && left !== right) return left < right;
  }
  return false;
}
