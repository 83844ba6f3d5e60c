import type { LeaseFence } from '@build-machines/protocol';
import { AgentError } from '../server/agent-error.js';

/** Somebody else has had the slot since: the request comes from the holder of a lost lease. */
export class LeaseSupersededError extends AgentError {
  readonly code = 'lease-superseded';
  readonly status = 410;
  constructor({ slot, fence }: LeaseFence, newest: number) {
    super(
      `The lease of this run (slot ${slot}, fence ${fence}) ended: the slot was given on since (fence ${newest}).`,
      {
        hint: 'Run the target again.',
        details: { slot, fence, newest },
      },
    );
  }
}

/**
 * The newest lease that this machine knows of, by slot: from the requests that showed one and from what the hub answers
 * to heartbeats. So a client that was cut off or asleep while its lease ran out can do nothing here any more.
 */
export class LeaseFences {
  readonly #newest = new Map<number, number>();

  /** @throws LeaseSupersededError */
  admit(lease: LeaseFence): void {
    const newest = this.#newest.get(lease.slot) ?? 0;
    if (lease.fence < newest) throw new LeaseSupersededError(lease, newest);
    this.#newest.set(lease.slot, lease.fence);
  }

  /** Takes over what the hub says. An answer may be older than a request that was seen meanwhile, so nothing shrinks. */
  learn(leases: readonly LeaseFence[]): void {
    for (const { slot, fence } of leases) this.#newest.set(slot, Math.max(fence, this.#newest.get(slot) ?? 0));
  }

  /** The machine registers anew, perhaps at another hub, whose fences have nothing to do with the earlier ones. */
  forget(): void {
    this.#newest.clear();
  }
}
