import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CapabilityHeartbeat, CapabilityRegistration } from '@build-machines/protocol';
import { HubClient } from '../client/hub-client.js';
import type { HubOptionsInput } from '../hub/hub-options.js';
import { type HubSurroundings, type RunningHub, startHub } from '../hub/start-hub.js';

export const ADMIN_TOKEN = 'an-admin-token-for-tests-0123456789abcdef';

/** A real hub on a free port, with a folder and a clock of its own. */
export class HubRig {
  /** Milliseconds since the epoch; tests move it. */
  clock = Date.parse('2026-03-01T12:00:00Z');
  readonly folder: string;
  #hub: RunningHub | undefined;
  readonly #options: Partial<HubOptionsInput & HubSurroundings>;

  private constructor(folder: string, options: Partial<HubOptionsInput & HubSurroundings>) {
    this.folder = folder;
    this.#options = options;
  }

  static async start(options: Partial<HubOptionsInput & HubSurroundings> = {}): Promise<HubRig> {
    const rig = new HubRig(await mkdtemp(join(tmpdir(), 'hub-')), options);
    await rig.restart();
    return rig;
  }

  /** Stops the hub, if it runs, and starts it on the same database and port. */
  async restart(): Promise<void> {
    const port = this.#hub?.port ?? 0;
    await this.#hub?.close();
    this.#hub = await startHub({
      port,
      databaseFile: join(this.folder, 'hub.db'),
      adminToken: ADMIN_TOKEN,
      sweepSeconds: 3600,
      now: () => this.clock,
      ...this.#options,
    });
  }

  get hub(): RunningHub {
    if (this.#hub === undefined) throw new Error('the rig has no running hub');
    return this.#hub;
  }

  get url(): string {
    return this.hub.url;
  }

  /** A client with the admin token, or with another one, or (null) without any. */
  client(token: string | null = ADMIN_TOKEN): HubClient {
    return new HubClient({ url: this.url, token: token ?? undefined });
  }

  passSeconds(seconds: number): void {
    this.clock += seconds * 1000;
  }

  async close(): Promise<void> {
    await this.#hub?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A registration as an agent sends it. */
export function registration(name: string, changes: Partial<CapabilityRegistration> = {}): CapabilityRegistration {
  return {
    capability_type: 'haskell-build-agent',
    name,
    machine_id: `id-of-${name}`,
    tunnel_port: 12221,
    agent_version: '0.1.0',
    protocol: 1,
    hostname: `${name}.example`,
    os: 'linux',
    arch: 'x64',
    cpus: 4,
    memory_bytes: 8 * 1024 ** 3,
    toolchains: [
      { tool: 'ghc', version: '9.6.6', path: '/usr/bin/ghc' },
      { tool: 'cabal', version: '3.10.3.0', path: '/usr/bin/cabal' },
    ],
    labels: { site: 'lab' },
    slots: 1,
    ...changes,
  };
}

/** A heartbeat as an agent sends it; `at` is the machine's clock. */
export function heartbeat(name: string, at: number, changes: Partial<CapabilityHeartbeat> = {}): CapabilityHeartbeat {
  return {
    machine_id: `id-of-${name}`,
    load: 0.5,
    disk_free_bytes: 50 * 1024 ** 3,
    slots_busy: 0,
    queued: 0,
    clock: new Date(at).toISOString(),
    ...changes,
  };
}
