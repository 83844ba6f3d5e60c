import type { LeaseHolder, Requirements } from '../../api/leases.js';
import { requirementsKey } from './pool.js';

/** A request that waits for a slot. Times are milliseconds since the epoch. */
export interface Waiting {
  readonly id: string;
  /** Order of arrival. */
  readonly seq: number;
  readonly user: string;
  readonly label: string;
  readonly requirements: Requirements;
  readonly prefer: readonly string[];
  readonly leaseMs: number;
  readonly enqueuedAt: number;
  /** The process behind it; null where the client named none. */
  readonly holder: LeaseHolder | null;
}

/** Requests with equal requirements: they compete for the same machines, so only their order matters. */
interface WaitingClass {
  readonly requirements: Requirements;
  /** Per user, in order of arrival. */
  readonly byUser: Map<string, Waiting[]>;
}

/** The requests that wait, grouped so that the next for a machine is found without looking at all of them. */
export class WaitingQueue {
  readonly #byId = new Map<string, Waiting>();
  readonly #classes = new Map<string, WaitingClass>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Waiting | undefined {
    return this.#byId.get(id);
  }

  /** In order of arrival: requests are added in that order, and a Map keeps it. */
  all(): Waiting[] {
    return [...this.#byId.values()];
  }

  oldest(): Waiting | undefined {
    const [first] = this.#byId.values();
    return first;
  }

  hasClass(key: string): boolean {
    return this.#classes.has(key);
  }

  /** The kinds of requirements that anybody waits with. */
  *classes(): Generator<{ key: string; requirements: Requirements }> {
    for (const [key, { requirements }] of this.#classes) yield { key, requirements };
  }

  /** The first request of each user in a class. */
  *heads(key: string): Generator<Waiting> {
    for (const list of this.#classes.get(key)?.byUser.values() ?? []) {
      const [head] = list;
      if (head !== undefined) yield head;
    }
  }

  /** The request must have arrived after all that are here. */
  add(request: Waiting): void {
    this.#byId.set(request.id, request);
    const key = requirementsKey(request.requirements);
    let group = this.#classes.get(key);
    if (group === undefined) {
      group = { requirements: request.requirements, byUser: new Map() };
      this.#classes.set(key, group);
    }
    const list = group.byUser.get(request.user);
    if (list === undefined) group.byUser.set(request.user, [request]);
    else list.push(request);
  }

  remove(id: string): Waiting | undefined {
    const request = this.#byId.get(id);
    if (request === undefined) return undefined;
    this.#byId.delete(id);
    const key = requirementsKey(request.requirements);
    const group = this.#classes.get(key);
    const list = group?.byUser.get(request.user);
    if (group === undefined || list === undefined) return request;
    list.splice(list.indexOf(request), 1);
    if (list.length === 0) group.byUser.delete(request.user);
    if (group.byUser.size === 0) this.#classes.delete(key);
    return request;
  }

  clone(): WaitingQueue {
    const copy = new WaitingQueue();
    for (const request of this.all()) copy.add(request);
    return copy;
  }
}
