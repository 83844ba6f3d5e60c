import { randomUUID } from 'node:crypto';
import { RemoteReportedError } from '@build-machines/protocol';
import type { Lease, LeaseRequest } from '../api/leases.js';
import type { HubClient } from './hub-client.js';

/** Renewals are tried this many times within a lease's time, so that one lost request does not lose the lease. */
const RENEWALS_PER_LEASE = 3;

/** The hub ended the lease, or the machine did: what runs under it has to end. All other ends are for want of news. */
const TAKEN_AWAY: ReadonlySet<unknown> = new Set(['revoked', 'machine-gone', 'machine-replaced']);

/**
 * A lease that is kept alive until it is released. `lost` is aborted when it was taken away. One that ended because the
 * hub heard nothing for too long (this computer slept, the hub was away) is asked for again on the same machine, while
 * the run there goes on: a machine never uses more slots than it has, whoever holds them.
 */
export class HeldLease {
  readonly #client: HubClient;
  readonly #wanted: Omit<LeaseRequest, 'id'>;
  readonly #lost = new AbortController();
  #lease: Lease;
  /** The request for another lease, after the end of ours; undefined while ours is good. */
  #again: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();
  #released = false;

  constructor(client: HubClient, lease: Lease, wanted: Omit<LeaseRequest, 'id'>) {
    this.#client = client;
    this.#lease = lease;
    this.#wanted = wanted;
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
    this.#released = true;
    clearTimeout(this.#timer);
    await this.#renewing; // It may be just being given another lease.
    if (!this.lost.aborted) await this.#client.releaseLease(this.#again ?? this.#lease.id, outcome);
  }

  #schedule(): void {
    if (this.#released || this.lost.aborted) return;
    this.#timer = setTimeout(
      () => {
        this.#renewing = this.#renew().then(() => {
          this.#schedule();
        });
      },
      (this.#lease.lease_seconds * 1000) / RENEWALS_PER_LEASE,
    );
    this.#timer.unref();
  }

  /** Never rejects: what fails now is tried again at the next turn. */
  async #renew(): Promise<void> {
    try {
      if (this.#again !== undefined) await this.#acquireAgain(this.#again);
      else this.#lease = await this.#client.renewLease(this.#lease.id);
    } catch (error) {
      if (!(error instanceof RemoteReportedError) || (error.status !== 410 && error.status !== 404)) return;
      if (TAKEN_AWAY.has(error.details?.['reason'])) this.#lost.abort(error);
      else this.#again = randomUUID();
    }
    if (this.#again !== undefined && !this.lost.aborted) await this.#acquireAgain(this.#again).catch(() => undefined);
  }

  /** Asks for a slot of the same machine, or whether the request for it was granted by now. */
  async #acquireAgain(id: string): Promise<void> {
    const { machine } = this.#lease;
    const requirements = { ...this.#wanted.requirements, machines: [machine], avoid: [] };
    const ticket = await this.#client.requestLease({ ...this.#wanted, id, requirements });
    if (ticket.status === 'waiting') await this.#client.pollLease(id, 0); // A sign of life.
    if (ticket.status === 'granted') {
      this.#lease = ticket.lease;
      this.#again = undefined;
    }
    if (ticket.status === 'ended') this.#again = randomUUID();
  }
}
