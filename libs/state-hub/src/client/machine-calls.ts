import {
  type CapabilityHeartbeat,
  type CapabilityRegistration,
  type CapabilityState,
  RegistrationAnswer,
  RemoteReportedError,
} from '@build-machines/protocol';
import { z } from 'zod';
import {
  HeartbeatAnswer,
  type HistoryQuery,
  MachineEntry,
  MachineHistory,
  type MachineModeRequest,
} from '../api/catalog.js';
import { Health } from '../hub/port-taken.js';
import { HubAnswerError } from './hub-client-errors.js';
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

/** The calls of a client about the hub itself and its machines; see HubClient for what all of them throw. */
export class MachineCalls {
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

  /** Whether a hub of build-machines answers; false: something else does. @throws HubUnreachableError */
  async isBuildMachinesHub(signal?: AbortSignal): Promise<boolean> {
    try {
      await this.health(signal);
      return true;
    } catch (error) {
      if (error instanceof HubAnswerError || error instanceof RemoteReportedError) return false;
      throw error;
    }
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
}
