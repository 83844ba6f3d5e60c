import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuildMachinesError } from '@build-machines/protocol';
import type { LeaseRequest, LeaseTicket, WaitingRequest } from '../api/leases.js';
import { thisProcess } from '../leases/local-process.js';
import type { HubClient } from './hub-client.js';
import { HubUnreachableError } from './hub-client-errors.js';
import { HeldLease } from './held-lease.js';

/** How long one poll waits at the hub; a client that waits learns its new position this often. */
const POLL_SECONDS = 5;
/** A hub that is away for longer than this loses those who wait: it restarts in less. */
const HUB_AWAY_MS = 60_000;
const RETRY_MS = 1_000;
/**
 * How long to wait in a queue for machines none of which is there. Nothing runs on one that is gone, and it was silent
 * for three minutes before it counted as that: whoever restarts is back sooner.
 */
const ABSENT_MS = 20_000;

/** The hub ended a request that waited: an admin took it away, or it was not heard of for too long. */
export class LeaseRefusedError extends BuildMachinesError {
  readonly code = 'lease-refused';

  constructor(ticket: LeaseTicket & { status: 'ended' }) {
    super(`the hub ended the wait for a machine (${ticket.reason})`, {
      hint: 'Run the target again.',
      details: { reason: ticket.reason },
    });
  }
}

/** The machines that would fit have all gone away while the request waited. */
export class MachinesAbsentError extends BuildMachinesError {
  readonly code = 'machines-absent';

  constructor(label: string, { reasons }: Pick<WaitingRequest, 'reasons'>) {
    super(`no machine that fits ${label} is there: ${reasons.join('; ')}`, {
      hint: 'See "npx build-machines machines"; bring one up: nx run <machine>:up.',
    });
  }
}

export interface AcquireOptions {
  /** Called at once and whenever the position may have changed, so that nobody waits without being told why. */
  onWaiting?: (request: WaitingRequest & { readonly givesUpAt?: Date | undefined }) => void;
  /** How long to go on waiting while no machine that fits is there at all, in milliseconds. Default: 20 seconds. */
  absentMs?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Waits for a slot. Aborting leaves the queue. A restart of the hub meanwhile is sat out.
 * @throws MachinesAbsentError, LeaseRefusedError, what the hub refuses with, HubUnreachableError.
 */
export async function acquireLease(
  client: HubClient,
  wanted: Omit<LeaseRequest, 'id'>,
  { onWaiting, absentMs = ABSENT_MS, signal }: AcquireOptions,
): Promise<HeldLease> {
  const request: LeaseRequest = { ...wanted, id: randomUUID(), holder: wanted.holder ?? thisProcess() };
  try {
    let ticket = await persist(() => client.requestLease(request, signal), signal);
    let givesUpAt: Date | undefined;
    while (ticket.status === 'waiting') {
      const { request: waiting } = ticket;
      givesUpAt = waiting.absent ? (givesUpAt ?? new Date(Date.now() + absentMs)) : undefined;
      onWaiting?.({ ...waiting, givesUpAt });
      if (givesUpAt !== undefined && Date.now() > givesUpAt.getTime())
        throw new MachinesAbsentError(wanted.label, waiting);
      ticket = await persist(() => client.pollLease(request.id, POLL_SECONDS, signal), signal);
    }
    if (ticket.status === 'ended') throw new LeaseRefusedError(ticket);
    return new HeldLease(client, ticket.lease, { ...wanted, holder: request.holder });
  } catch (error) {
    if (signal?.aborted === true || error instanceof MachinesAbsentError) await leave(client, request.id);
    throw error;
  }
}

/** Repeats a request while the hub is away, for a bounded time. Requests carry their id, so repeating is safe. */
async function persist<Result>(attempt: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  const giveUpAt = performance.now() + HUB_AWAY_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HubUnreachableError) || performance.now() >= giveUpAt) throw error;
      await sleep(RETRY_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}

async function leave(client: HubClient, id: string): Promise<void> {
  try {
    await client.releaseLease(id);
  } catch {
    // The hub drops a request that nobody asks about within a minute; there is nothing more to do here.
  }
}
