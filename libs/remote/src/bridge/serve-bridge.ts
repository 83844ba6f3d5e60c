import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import {
  bannerOnce,
  claimInstance,
  ensurePrivateFolder,
  forgetInstance,
  resolveMachineAccess,
  startRelay,
  type Relay,
} from '@build-machines/machines';
import { HubClient, type RunningCacheProxy } from '@build-machines/state-hub';
import { BridgeActivities } from './bridge-activities.js';
import { startBridgeCache } from './bridge-cache.js';
import { bridgeFiles } from './bridge-files.js';
import { type BridgeHub, openBridgeHub } from './bridge-hub.js';
import { BridgeLog } from './bridge-log.js';
import { bridgeVersion, type BridgeOptions } from './bridge-options.js';
import { BridgeBusyError } from './bridge-errors.js';
import { BRIDGE_PROTOCOL, type BridgeIdentity, type BridgeReport } from './bridge-protocol.js';
import { keepHouse } from './keep-house.js';
import { knownMachines } from './known-machines.js';
import { listenPrivately } from './listen-privately.js';
import { reportMachine } from './machine-report.js';
import { proxyToAgent, sendBridgeError } from './proxy-to-agent.js';
import { WarmConnections } from './warm-connections.js';

/** Why a bridge ends, and what becomes of its relay: `keep` leaves it and its tunnels standing for the next bridge. */
export type BridgeEnd = 'keep' | 'end';

/** A bridge that serves. */
export interface RunningBridge {
  readonly identity: BridgeIdentity;
  /** Settles when it has ended. */
  readonly done: Promise<void>;
  end(relay: BridgeEnd): Promise<void>;
}

/**
 * The daemon: holds the embedded relay, the embedded hub and one warm SSH connection per machine, and passes requests to
 * the machines' agents. Takes over what a killed bridge left: relay, tunnels, socket.
 * @returns undefined when another bridge of this user already serves.
 * @throws RelayPortTakenError, HubPortTakenError and whatever else hinders the relay or the hub.
 */
export async function serveBridge(options: BridgeOptions): Promise<RunningBridge | undefined> {
  const { state, bundle, ports } = options;
  const files = bridgeFiles(state);
  await ensurePrivateFolder(state.root);
  await ensurePrivateFolder(state.bridge);
  if ((await claimInstance(files.instance)) !== undefined) return undefined;
  const identity: BridgeIdentity = {
    pid: process.pid,
    version: await bridgeVersion(bundle),
    startedAt: new Date().toISOString(),
    ports,
    protocol: BRIDGE_PROTOCOL,
    release: options.release,
    bundle,
  };
  const bridge = new Bridge(options, identity);
  await bridge.start();
  return bridge;
}

class Bridge implements RunningBridge {
  readonly #files;
  readonly #log: BridgeLog;
  readonly #ending = new AbortController();
  readonly #connections: WarmConnections;
  readonly #activities = new BridgeActivities();
  readonly #server: Server;
  #relay: Relay | undefined;
  #hub: BridgeHub | undefined;
  #cache: RunningCacheProxy | undefined;
  #lastUse = performance.now();
  #end: Promise<void> | undefined;
  #settle: () => void = () => undefined;
  readonly done = new Promise<void>((resolve) => {
    this.#settle = resolve;
  });

  constructor(
    readonly options: BridgeOptions,
    readonly identity: BridgeIdentity,
  ) {
    this.#files = bridgeFiles(options.state);
    this.#log = new BridgeLog(this.#files.log, () => new Date());
    this.#connections = new WarmConnections({
      resolveAccess: (name) => resolveMachineAccess(options.state, name),
      onLost: (name) => {
        this.#log.note(`the connection to machine "${name}" ended`);
      },
      signal: this.#ending.signal,
    });
    this.#server = createServer((request, response) => {
      this.#lastUse = performance.now();
      this.#answer(request, response).catch((error: unknown) => {
        this.#log.note(`a request failed: ${error instanceof Error ? error.message : String(error)}`);
        sendBridgeError(response, error);
      });
    });
    // Runs and their logs take as long as they take.
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 10_000;
  }

  async start(): Promise<void> {
    const { state, bundle, ports, account } = this.options;
    try {
      this.#relay = await startRelay({
        state,
        port: ports.relay,
        listenAddress: ports.relayAddress,
        account,
        onEvent: (event) => {
          this.#log.note(`relay: ${event.child} ${event.type}${event.type === 'exited' ? ` (${event.how})` : ''}`);
        },
      });
      const page = join(dirname(bundle), 'hub-page');
      this.#hub = await openBridgeHub(state, ports.hub, page);
      await this.#openCache(this.#hub.url);
      await listenPrivately(this.#server, this.#files.socket);
    } catch (error) {
      await this.end('end');
      throw error;
    }
    await removeFile(this.#files.stopped);
    const hub = `${this.#hub.url}${this.#hub.adopted ? ', which runs by itself' : ''}`;
    this.#log.note(`serving: relay on ${String(ports.relay)}, hub on ${hub}`);
    keepHouse({
      state,
      isWell: (name) => this.#connections.isOpen(name),
      note: (text) => {
        this.#log.note(text);
      },
      idleMs: () => performance.now() - this.#lastUse,
      // A run that takes hours is one request, which began long ago.
      onIdle: async () => {
        if ((await this.#busyWith()).length === 0) await this.end('end');
      },
      signal: this.#ending.signal,
    });
  }

  /** Builds go on without a remote cache, so what hinders it is a note. */
  async #openCache(hubUrl: string): Promise<void> {
    try {
      this.#cache = await startBridgeCache(this.options.state, hubUrl);
    } catch (error) {
      this.#log.note(`there is no remote cache: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  end(relay: BridgeEnd): Promise<void> {
    this.#end ??= this.#shutDown(relay);
    return this.#end;
  }

  async #shutDown(relay: BridgeEnd): Promise<void> {
    this.#log.note(relay === 'keep' ? 'ending, the relay stays' : 'ending');
    this.#ending.abort(new Error('the bridge ends'));
    this.#connections.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#cache?.close();
    await this.#hub?.close();
    await (relay === 'keep' ? this.#relay?.handOver() : this.#relay?.close());
    await forgetInstance(this.#files.instance);
    await removeFile(this.#files.socket);
    this.#settle();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const machine = /^\/machines\/([a-z0-9-]+)\/agent(\/.*)$/.exec(url);
    if (machine !== null) {
      const [, name = '', path = ''] = machine;
      this.#activities.carry(name, response);
      await proxyToAgent(this.#connections, name, path, { request, response });
    } else if (request.method === 'GET' && url === '/identity') json(response, 200, this.identity);
    else if (request.method === 'GET' && url === '/status') json(response, 200, await this.#report());
    else if (request.method === 'POST' && url.startsWith('/stop?relay=')) {
      this.#endAfter(response, url);
    } else if (request.method === 'POST' && url.startsWith('/retire?relay=')) {
      const activities = await this.#busyWith();
      if (activities.length > 0) json(response, 409, new BridgeBusyError(activities).toBody());
      else this.#endAfter(response, url);
    } else json(response, 404, { code: 'not-found', message: `The bridge has no ${url}.`, hint: '' });
  }

  #busyWith(): Promise<string[]> {
    const { state, ports } = this.options;
    return this.#activities.list(state, this.#hub, ports.hub);
  }

  #endAfter(response: ServerResponse, url: string): void {
    const relay = url.endsWith('=keep') ? 'keep' : 'end';
    response.once('finish', () => void this.end(relay));
    json(response, 202, {});
  }

  async #report(): Promise<BridgeReport> {
    const { state, ports } = this.options;
    const names = await knownMachines(state);
    const hubUrl = this.#hub?.url ?? '';
    const resolveAccess = (name: string) => resolveMachineAccess(state, name);
    const [relayAnswers, hubAnswers, machines] = await Promise.all([
      succeeds(bannerOnce('127.0.0.1', ports.relay, 2_000)),
      succeeds(new HubClient({ url: hubUrl }).health()),
      Promise.all(names.map((name) => reportMachine(name, resolveAccess, () => this.#connections.get(name)))),
    ]);
    return {
      bridge: this.identity,
      relay: { port: ports.relay, hostKey: this.#relay?.hostKey ?? '', answering: relayAnswers },
      hub: { url: hubUrl, answering: hubAnswers },
      machines,
      notes: [...this.#log.notes],
    };
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Whether something works; a report shows that and no more. */
function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
