import { RemoteReportedError } from '@build-machines/protocol';
import type { Lease } from '../api/leases.js';
import type { HubClient } from './hub-client.js';

/** Renewals are tried this many times within a lease's time, so that one lost request does not lose the lease. */
const RENEWALS_PER_LEASE = 3;

/**
 * A lease that is kept alive until it is released. `lost` is aborted when the hub says that it has ended, or when it
 * could not be renewed in time: whoever holds it must then stop using the machine.
 */
export class HeldLease {
  readonly #client: HubClient;
  readonly #lost = new AbortController();
  #lease: Lease;
  #timer: NodeJS.Timeout | undefined;
  /** By the clock of this computer, counted from the answer's arrival: clocks need not agree. */
  #deadline: number;

  constructor(client: HubClient, lease: Lease) {
    this.#client = client;
    this.#lease = lease;
    this.#deadline = performance.now() + lease.lease_seconds * 1000;
    this.#schedule();
  }

  get lease(): Lease {
    return this.#lease;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Gives the slot back.
   * @param outcome `fault`: the machine failed, not the build; several in a row and the hub leaves it alone for a while.
   */
  async release(outcome: { fault: boolean } = { fault: false }): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.lost.aborted) await this.#client.releaseLease(this.#lease.id, outcome);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#renew(), (this.#lease.lease_seconds * 1000) / RENEWALS_PER_LEASE);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    try {
      this.#lease = await this.#client.renewLease(this.#lease.id);
      this.#deadline = performance.now() + this.#lease.lease_seconds * 1000;
    } catch (error) {
      const ended = error instanceof RemoteReportedError && (error.status === 410 || error.status === 404);
      if (ended || performance.now() >= this.#deadline) {
        this.#lost.abort(error);
        return;
      }
    }
    this.#schedule();
  }
}
