import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  isRunning,
  ProcessIdentity,
  recordedChildren,
  stateFolder,
  workstationAccount,
  writeMachineAccess,
} from '@build-machines/machines';
import { startHub } from '@build-machines/state-hub';
import { isPassingFailure } from '../connection/connection-errors.js';
import { freePort, startSshMachine, untilListening, type SshMachine } from '../testing/ssh-machine.js';
import { hubAdminToken } from './admin-token.js';
import { cacheAccess } from './bridge-cache.js';
import { bridgeFiles } from './bridge-files.js';
import type { BridgeOptions } from './bridge-options.js';
import { bridgeStatus } from './bridge-status.js';
import { builtProgram } from '@build-machines/testing';
import { agentConnector, connectBridge } from './connect-bridge.js';
import { bridgeIdentity } from './bridge-identity.js';
import { ensureBridge } from './ensure-bridge.js';
import { stopBridge } from './stop-bridge.js';

const bundle = builtProgram('bridge.cjs');
let machine: SshMachine;
let agent: Server;
let options: BridgeOptions;
const transports: { close(): void }[] = [];

beforeAll(async () => {
  machine = await startSshMachine();
  agent = createHttpServer((request, response) => {
    if (request.url === '/slow') response.writeHead(200).write('begun ');
    else if (request.url === '/refuse') response.writeHead(409).end('no');
    else request.pipe(response.writeHead(200));
  });
  await new Promise<void>((resolve) => agent.listen(machine.access.agentSocket, resolve));
});

afterAll(async () => {
  agent.closeAllConnections();
  agent.close();
  await machine.close();
});

beforeEach(async () => {
  const state = stateFolder({ BUILD_MACHINES_HOME: await mkdtemp(join(tmpdir(), 'bms-')) });
  await writeMachineAccess(state, machine.access);
  const ports = { relay: await freePort(), relayAddress: '127.0.0.1', hub: await freePort() };
  options = { state, bundle, ports, account: workstationAccount(), release: '0.1.0' };
});

afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close();
  await stopBridge(options.state, { force: true });
  await rm(options.state.root, { recursive: true, force: true });
});

function connect() {
  const transport = connectBridge(options.state, 'box');
  transports.push(transport);
  return transport;
}

/** The bridge's program, built anew in another place. */
async function rebuilt(): Promise<string> {
  const file = join(dirname(bundle), 'rebuilt.cjs');
  await writeFile(file, `${await readFile(bundle, 'utf8')}\n// rebuilt\n`);
  return file;
}

const relayPid = async () => (await recordedChildren(options.state.relay))[0]?.identity.pid;

describe('the bridge', () => {
  it('has a remote cache for Nx, which stays where it is and keeps what it was given', async () => {
    await ensureBridge(options);
    const access = await cacheAccess(options.state);
    const cache = `${access?.url ?? ''}/v1/cache/0123abcd`;
    const headers = { authorization: `Bearer ${access?.token ?? ''}`, 'content-type': 'application/octet-stream' };
    expect((await fetch(cache, { headers })).status).toBe(404);
    expect((await fetch(cache, { method: 'PUT', headers, body: 'built' })).status).toBe(200);
    await stopBridge(options.state, { force: true });
    await ensureBridge(options);
    expect(await cacheAccess(options.state)).toEqual(access);
    expect(await (await fetch(cache, { headers })).text()).toBe('built');
    expect((await fetch(cache, { headers: { authorization: 'Bearer wrong' } })).status).toBe(403);
    expect((await stat(join(options.state.hub, 'cache-access.json'))).mode & 0o777).toBe(0o600);
  });

  it('uses the hub that already runs by itself, and leaves it running', async () => {
    const adminToken = await hubAdminToken(options.state);
    const databaseFile = join(options.state.hub, 'hub.db');
    const hub = await startHub({ port: options.ports.hub, databaseFile, adminToken });
    try {
      await ensureBridge(options);
      const status = await bridgeStatus(options.state);
      expect(status).toMatchObject({ running: true, report: { hub: { url: hub.url, answering: true } } });
      await stopBridge(options.state, { force: true });
      expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
    } finally {
      await hub.close();
    }
  });

  it('is started by the first of many, serves relay and hub, and is private', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ensureBridge(options)));
    expect(new Set(answers.map(({ identity }) => identity.pid)).size).toBe(1);
    expect(answers.filter(({ started }) => started)).toHaveLength(1);
    expect(await (await fetch(`http://127.0.0.1:${String(options.ports.hub)}/healthz`)).json()).toMatchObject({
      service: 'build-machines-hub',
    });
    await untilListening(options.ports.relay);
    expect((await stat(bridgeFiles(options.state).socket)).mode & 0o777).toBe(0o600);
    expect((await stat(options.state.bridge)).mode & 0o777).toBe(0o700);
  });

  it("passes requests to the machine's agent and back, over one connection", async () => {
    await ensureBridge(options);
    const body = Buffer.alloc(2_000_000, 'z');
    const answers = await Promise.all([1, 2, 3].map(() => connect().request({ method: 'POST', path: '/echo', body })));
    for (const answer of answers) expect((await text(answer.body)).length).toBe(body.length);
    const refused = await connect().request({ method: 'POST', path: '/refuse', body: Buffer.alloc(5_000_000) });
    expect([refused.status, await text(refused.body)]).toEqual([409, 'no']);
  });

  it('reports relay, hub and machines', async () => {
    await ensureBridge(options);
    const status = await bridgeStatus(options.state);
    expect(status).toMatchObject({
      running: true,
      report: {
        relay: { answering: true },
        hub: { answering: true },
        machines: [{ name: 'box', listening: true, sshOk: true, agent: null, error: { code: expect.any(String) } }],
      },
    });
  });

  it('hands on why a machine cannot be reached, so that callers know to try again', async () => {
    await ensureBridge(options);
    await writeMachineAccess(options.state, { ...machine.access, sshPort: await freePort() });
    const error: unknown = await connect()
      .request({ method: 'GET', path: '/' })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'machine-unreachable', hint: expect.stringContaining('nx run box:up') });
    expect(isPassingFailure(error)).toBe(true);
  });

  it('breaks the answers that it carries when it is killed; its relay stands, and the next bridge adopts it', async () => {
    const { identity } = await ensureBridge(options);
    const relay = await relayPid();
    const { body } = await connect().request({ method: 'GET', path: '/slow' });
    body.once('data', () => process.kill(identity.pid, 'SIGKILL'));
    await expect(text(body)).rejects.toThrow();
    await untilListening(options.ports.relay);
    expect(existsSync(bridgeFiles(options.state).socket)).toBe(true);
    const next = await ensureBridge(options);
    expect(next.identity.pid).not.toBe(identity.pid);
    expect(await relayPid()).toBe(relay);
  });

  it('brings its relay back when that is killed', async () => {
    await ensureBridge(options);
    const before = (await relayPid()) ?? 0;
    process.kill(before, 'SIGKILL');
    let after: number | undefined = before;
    while (after === before || after === undefined) after = await relayPid();
    await untilListening(options.ports.relay);
  });

  it('is replaced by a newer release, without ending the relay', async () => {
    const { identity } = await ensureBridge(options);
    const relay = await relayPid();
    const next = await ensureBridge({ ...options, bundle: await rebuilt(), release: '0.2.0' });
    expect(next.started).toBe(true);
    expect(next.identity.version).not.toBe(identity.version);
    expect(await relayPid()).toBe(relay);
  });

  it('serves another workspace with another build of its release, and an older release, in turn', async () => {
    const { identity } = await ensureBridge(options);
    const bundleElsewhere = await rebuilt();
    for (const release of ['0.1.0', '0.0.9', '0.1.0', '0.0.9'])
      expect(await ensureBridge({ ...options, bundle: bundleElsewhere, release })).toEqual({
        identity,
        started: false,
      });
  });

  it('is not replaced or stopped while it carries a request, and is replaced after that', async () => {
    const { identity } = await ensureBridge(options);
    const bundleElsewhere = await rebuilt();
    const newer = { ...options, bundle: bundleElsewhere, release: '0.2.0' };
    const { body } = await connect().request({ method: 'GET', path: '/slow' });
    expect(await ensureBridge(newer)).toEqual({ identity, started: false });
    await expect(stopBridge(options.state, { force: false })).rejects.toMatchObject({
      code: 'bridge-busy',
      message: expect.stringContaining('machine "box"'),
    });
    const wider = { ...options.ports, relayAddress: '0.0.0.0' };
    await expect(ensureBridge({ ...options, ports: wider })).rejects.toMatchObject({ code: 'bridge-busy' });
    expect(await bridgeIdentity(options.state)).toEqual(identity);
    body.destroy();
    while (!(await ensureBridge(newer)).started);
    expect((await bridgeIdentity(options.state))?.release).toBe('0.2.0');
  });

  it('replaces one that is wedged', async () => {
    const { identity } = await ensureBridge(options);
    process.kill(identity.pid, 'SIGSTOP');
    const next = await ensureBridge(options);
    expect(next.identity.pid).not.toBe(identity.pid);
  });

  it('leaves nothing running when it is stopped, and a mark for those who would bring it back', async () => {
    await ensureBridge(options);
    const files = bridgeFiles(options.state);
    const daemon = ProcessIdentity.parse(JSON.parse(await readFile(files.instance, 'utf8')));
    const [relay] = await recordedChildren(options.state.relay);
    expect(await stopBridge(options.state, { force: true })).toBe(true);
    expect([isRunning(daemon), relay !== undefined && isRunning(relay.identity)]).toEqual([false, false]);
    expect([existsSync(files.socket), existsSync(files.stopped)]).toEqual([false, true]);
    expect(await stopBridge(options.state, { force: true })).toBe(false);
    await ensureBridge(options);
    expect(existsSync(files.stopped)).toBe(false);
  });

  it.each(['relay', 'hub'] as const)(
    'says who holds the port of the %s, and which option to change',
    async (service) => {
      const holder = createServer((socket) => socket.on('error', () => undefined).resume());
      await new Promise<void>((resolve) => holder.listen(options.ports[service], '127.0.0.1', resolve));
      await expect(ensureBridge(options)).rejects.toMatchObject({
        code: `${service}-port-taken`,
        hint: expect.stringContaining('port-registry.yml'),
      });
      expect(await bridgeIdentity(options.state)).toBeUndefined();
      await new Promise((resolve) => holder.close(resolve));
      await ensureBridge(options);
    },
  );

  it('refuses to serve two workspaces that want different ports', async () => {
    await ensureBridge(options);
    const ports = { ...options.ports, hub: await freePort() };
    await expect(ensureBridge({ ...options, ports })).rejects.toMatchObject({ code: 'bridge-ports-differ' });
  });
});

describe('the connector', () => {
  it('goes through the bridge while it is there, and straight to the machine when it is not', async () => {
    const connector = agentConnector(options.state, 'box');
    for (const prepare of [() => Promise.resolve(), () => ensureBridge(options)]) {
      await prepare();
      const transport = await connector({});
      transports.push(transport);
      const answer = await transport.request({ method: 'POST', path: '/', body: Buffer.from('hi') });
      expect(await text(answer.body)).toBe('hi');
    }
  });
});
