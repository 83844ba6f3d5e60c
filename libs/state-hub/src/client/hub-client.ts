import type { Readable } from 'node:stream';
import { z } from 'zod';
import { FenceAnswer, type FenceCheck, Lease, type LeaseRequest, LeaseTicket, QueueView } from '../api/leases.js';
import { PageCodeAnswer } from '../api/page-sessions.js';
import {
  CacheStatistics,
  type LogChunk,
  LogLength,
  Run,
  type RunFinish,
  RunPage,
  type RunQuery,
  type RunStart,
} from '../api/runs.js';
import { TokenAnswer, TokenList, type TokenRequest } from '../api/tokens.js';
import { followEvents, followLog } from './follow.js';
import { RunLogWriter } from './run-log-writer.js';
import type { HubEvent } from '../api/events.js';
import { type AcquireOptions, acquireLease } from './acquire-lease.js';
import type { HeldLease } from './held-lease.js';
import { MachineCalls } from './machine-calls.js';

/**
 * Client of a State Hub. Every method throws HubUnreachableError when the hub does not answer, and RemoteReportedError
 * (with the hub's `code` and `status`) when it refuses.
 */
export class HubClient extends MachineCalls {
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

  /** Records that a run begins. Repeating it with the same id is safe. */
  startRun(run: RunStart, signal?: AbortSignal): Promise<Run> {
    return this.connection.json(Run, '/runs', { method: 'POST', json: run, signal });
  }

  /** Records how a run ended. */
  finishRun(id: string, finish: RunFinish, signal?: AbortSignal): Promise<Run> {
    return this.connection.json(Run, `/runs/${encodeURIComponent(id)}/finish`, {
      method: 'POST',
      json: finish,
      signal,
    });
  }

  /** Says that a run goes on; needed at least every ten minutes while it prints nothing. */
  runAlive(id: string, signal?: AbortSignal): Promise<void> {
    return this.connection.discard(`/runs/${encodeURIComponent(id)}/alive`, { method: 'POST', signal });
  }

  /**
   * Appends to the log of a run; `offset` is the number of bytes sent before. Repeating an append is safe.
   * @returns the length of the log: the offset of the next append.
   */
  async appendLog(id: string, offset: number, bytes: Buffer, signal?: AbortSignal): Promise<number> {
    const { length } = await this.connection.json(LogLength, `/runs/${encodeURIComponent(id)}/log`, {
      method: 'POST',
      query: { offset },
      body: bytes,
      headers: { 'content-type': 'application/octet-stream' },
      signal,
    });
    return length;
  }

  /** A writer that sends what a run prints to the hub in the background, in order, as a run must not wait for it. */
  logWriter(id: string): RunLogWriter {
    return new RunLogWriter((offset, bytes) => this.appendLog(id, offset, bytes));
  }

  run(id: string, signal?: AbortSignal): Promise<Run> {
    return this.connection.json(Run, `/runs/${encodeURIComponent(id)}`, { signal });
  }

  /** The newest runs first; pass `next` as `before` for the following page. */
  listRuns(query: RunQuery = {}, signal?: AbortSignal): Promise<RunPage> {
    return this.connection.json(RunPage, '/runs', { query: query as Record<string, string | number>, signal });
  }

  /** The log of a run so far, as a stream of UTF-8 bytes. */
  runLog(id: string, signal?: AbortSignal): Promise<Readable> {
    return this.connection.stream(`/runs/${encodeURIComponent(id)}/log`, { signal });
  }

  /** The log of a run as it grows, until the run has ended. A restart of the hub meanwhile is sat out. */
  followLog(id: string, signal?: AbortSignal): AsyncGenerator<LogChunk, Run> {
    return followLog(this.connection, id, signal);
  }

  /** What changes, as it changes; ends when the connection does. */
  events(signal?: AbortSignal): AsyncGenerator<HubEvent> {
    return followEvents(this.connection, signal);
  }

  /** How full the remote cache is, and how often it helped. */
  cacheStatistics(signal?: AbortSignal): Promise<CacheStatistics> {
    return this.connection.json(CacheStatistics, '/cache/statistics', { signal });
  }

  /** Makes or stores a token. Needs the admin token. */
  createToken(request: TokenRequest, signal?: AbortSignal): Promise<TokenAnswer> {
    return this.connection.json(TokenAnswer, '/tokens', { method: 'POST', json: request, signal });
  }

  /**
   * Gives a machine its token. With `token`, stores that secret (again and again without harm); without, makes one.
   * All other tokens of the machine end with the first use of this one, or after 15 minutes.
   */
  async registerMachineToken(machine: string, token?: string, signal?: AbortSignal): Promise<string> {
    const answer = await this.createToken({ role: 'machine', name: machine, token, replace: true }, signal);
    return answer.token;
  }

  /** A code that opens the page once, within a minute, at `<url>/#code=<code>`. */
  makePageCode(signal?: AbortSignal): Promise<PageCodeAnswer> {
    return this.connection.json(PageCodeAnswer, '/page/codes', { method: 'POST', signal });
  }

  async listTokens(signal?: AbortSignal): Promise<TokenList['tokens']> {
    return (await this.connection.json(TokenList, '/tokens', { signal })).tokens;
  }

  revokeToken(id: string, signal?: AbortSignal): Promise<void> {
    return this.connection.discard(`/tokens/${encodeURIComponent(id)}`, { method: 'DELETE', signal });
  }
}
