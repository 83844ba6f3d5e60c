import {
  type CapabilityHeartbeat,
  type CapabilityRegistration,
  type CapabilityState,
  RegistrationAnswer,
} from '@build-machines/protocol';
import { z } from 'zod';
import {
  HeartbeatAnswer,
  type HistoryQuery,
  MachineEntry,
  MachineHistory,
  type MachineModeRequest,
} from '../api/catalog.js';
import { FenceAnswer, type FenceCheck, Lease, type LeaseRequest, LeaseTicket, QueueView } from '../api/leases.js';
import { TokenAnswer, TokenList, type TokenRequest } from '../api/tokens.js';
import { Health } from '../hub/port-taken.js';
import { type AcquireOptions, acquireLease } from './acquire-lease.js';
import type { HeldLease } from './held-lease.js';
import { HubConnection, type HubConnectionOptions } from './hub-connection.js';

/** Which machines a list shall have; all filters must fit. */
export interface MachineFilter {
  capabilityType?: string;
  /** Such as `ghc=9.6.6` (exactly) or `cabal` (any). */
  toolchains?: readonly string[];
  /** Such as `site=lab` or `site` (any value). */
  labels?: readonly string[];
  /** Any of these. */
  states?: readonly CapabilityState[];
}

/**
 * Client of a State Hub. Every method throws HubUnreachableError when the hub does not answer, and RemoteReportedError
 * (with the hub's `code` and `status`) when it refuses.
 */
export class HubClient {
  protected readonly connection: HubConnection;

  constructor(options: HubConnectionOptions) {
    this.connection = new HubConnection(options);
  }

  get url(): string {
    return this.connection.url;
  }

  health(signal?: AbortSignal): Promise<Health> {
    return this.connection.json(Health, '/healthz', { signal, timeoutMs: 2_000 });
  }

  listMachines(filter: MachineFilter = {}, signal?: AbortSignal): Promise<MachineEntry[]> {
    return this.connection.json(z.array(MachineEntry), '/capability-catalog/', {
      query: {
        capability_type: filter.capabilityType,
        toolchain: filter.toolchains,
        label: filter.labels,
        state: filter.states,
      },
      signal,
    });
  }

  /** Registers a machine; the client's token must be the machine's own, or the admin's. */
  register(registration: CapabilityRegistration, signal?: AbortSignal): Promise<RegistrationAnswer> {
    return this.connection.json(RegistrationAnswer, '/capability-catalog/', {
      method: 'POST',
      json: registration,
      signal,
    });
  }

  heartbeat(id: string, heartbeat: CapabilityHeartbeat, signal?: AbortSignal): Promise<HeartbeatAnswer> {
    return this.connection.json(HeartbeatAnswer, `/capability-catalog/${encodeURIComponent(id)}/heartbeat`, {
      method: 'POST',
      json: heartbeat,
      signal,
    });
  }

  deregister(id: string, signal?: AbortSignal): Promise<void> {
    return this.connection.discard(`/capability-catalog/${encodeURIComponent(id)}`, { method: 'DELETE', signal });
  }

  /** Drains a machine, puts it into maintenance, or takes it back. Needs the admin token. */
  setMachineMode(name: string, request: MachineModeRequest, signal?: AbortSignal): Promise<MachineEntry> {
    return this.connection.json(MachineEntry, `/machines/${encodeURIComponent(name)}/mode`, {
      method: 'POST',
      json: request,
      signal,
    });
  }

  /** What happened to machines, the newest first. */
  machineHistory(query: HistoryQuery = {}, signal?: AbortSignal): Promise<MachineHistory> {
    return this.connection.json(MachineHistory, '/machines/history', {
      query: { machine: query.machine, limit: query.limit === undefined ? undefined : Number(query.limit) },
      signal,
    });
  }

  /**
   * Waits for a slot of a machine that fits, and keeps it until it is released.
   * @throws RemoteReportedError `no-machine-fits` when no machine of the catalog does; LeaseRefusedError.
   */
  acquireLease(wanted: Omit<LeaseRequest, 'id'>, options: AcquireOptions = {}): Promise<HeldLease> {
    return acquireLease(this, wanted, options);
  }

  /** Asks once, without waiting; the answer may be a ticket that waits. Repeating it with the same id is safe. */
  requestLease(request: LeaseRequest, signal?: AbortSignal): Promise<LeaseTicket> {
    return this.connection.json(LeaseTicket, '/leases', { method: 'POST', json: request, signal });
  }

  /** The ticket when it changes, or as it is after `waitSeconds` (30 at most). */
  pollLease(id: string, waitSeconds: number, signal?: AbortSignal): Promise<LeaseTicket> {
    return this.connection.json(LeaseTicket, `/leases/${encodeURIComponent(id)}`, {
      query: { wait_seconds: waitSeconds },
      timeoutMs: (waitSeconds + 10) * 1000,
      signal,
    });
  }

  /** @throws RemoteReportedError `lease-ended` (410) when the lease is no more. */
  async renewLease(id: string, signal?: AbortSignal): Promise<Lease> {
    const path = `/leases/${encodeURIComponent(id)}/renew`;
    return (await this.connection.json(z.object({ lease: Lease }), path, { method: 'POST', signal })).lease;
  }

  /** Gives a slot back, or leaves the queue. Releasing what has ended changes nothing. */
  releaseLease(id: string, outcome: { fault?: boolean } = {}, signal?: AbortSignal): Promise<LeaseTicket> {
    return this.connection.json(LeaseTicket, `/leases/${encodeURIComponent(id)}/release`, {
      method: 'POST',
      json: outcome,
      signal,
    });
  }

  /** Takes a lease away from whoever holds it. Needs the admin token. */
  revokeLease(id: string, signal?: AbortSignal): Promise<LeaseTicket> {
    return this.connection.json(LeaseTicket, `/leases/${encodeURIComponent(id)}`, { method: 'DELETE', signal });
  }

  /** Who holds what, and who waits, in the expected order of service. */
  queue(signal?: AbortSignal): Promise<QueueView> {
    return this.connection.json(QueueView, '/leases', { signal });
  }

  /** Whether a lease with this fence still holds its slot. */
  async isFenceValid(check: FenceCheck, signal?: AbortSignal): Promise<boolean> {
    return (await this.connection.json(FenceAnswer, '/leases/fence', { query: { ...check }, signal })).valid;
  }

  /** Makes or stores a token. Needs the admin token. */
  createToken(request: TokenRequest, signal?: AbortSignal): Promise<TokenAnswer> {
    return this.connection.json(TokenAnswer, '/tokens', { method: 'POST', json: request, signal });
  }

  /**
   * Gives a machine its token. With `token`, stores that secret (again and again without harm); without, makes one.
   * All other tokens of the machine are revoked.
   */
  async registerMachineToken(machine: string, token?: string, signal?: AbortSignal): Promise<string> {
    const answer = await this.createToken({ role: 'machine', name: machine, token, replace: true }, signal);
    return answer.token;
  }

  async listTokens(signal?: AbortSignal): Promise<TokenList['tokens']> {
    return (await this.connection.json(TokenList, '/tokens', { signal })).tokens;
  }

  revokeToken(id: string, signal?: AbortSignal): Promise<void> {
    return this.connection.discard(`/tokens/${encodeURIComponent(id)}`, { method: 'DELETE', signal });
  }
}
