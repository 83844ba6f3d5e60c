import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { CatalogMapping, type CapabilityHeartbeat, type CapabilityRegistration } from '@build-machines/protocol';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { jsonLogger } from '../logging/logger.js';
import { LeaseFences } from '../runs/lease-fences.js';
import { backoffMs, QUICK_TRIES } from './backoff.js';
import { hubCalls } from './hub-calls.js';
import { Registration } from './registration.js';

const registration: CapabilityRegistration = {
  capability_type: 'haskell-build-agent',
  name: 'sandbox',
  machine_id: 'one',
  tunnel_port: 12221,
  agent_version: '0.1.0',
  protocol: 1,
  hostname: 'h',
  os: 'Debian',
  arch: 'x64',
  cpus: 2,
  memory_bytes: 1,
  toolchains: [],
  labels: {},
  slots: 1,
};
const pulse: CapabilityHeartbeat = {
  machine_id: 'one',
  load: 0,
  disk_free_bytes: 1,
  slots_busy: 0,
  queued: 0,
  clock: '2026-01-01T00:00:00.000Z',
};

interface Seen {
  path: string;
  authorization: string | undefined;
  body: unknown;
}

describe('registration at a hub over HTTP', () => {
  let folder: string;
  let hub: Server;
  let seen: Seen[];
  let lines: { msg: string; level: number }[];
  /** Answers of the hub, one per call; the last one repeats. */
  let answers: [number, unknown][];
  let stop: AbortController;
  let waits: number[];
  let fences: LeaseFences;

  beforeEach(async () => {
    folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-hub-'));
    writeFileSync(join(folder, 'token'), 'secret-token\n', { mode: 0o600 });
    [seen, lines, waits, stop, fences] = [[], [], [], new AbortController(), new LeaseFences()];
    hub = createServer((request, response) => {
      void json(request).then((body) => {
        seen.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
        const [status, answer] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
        const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
        response.writeHead(status, { 'content-type': 'application/json' }).end(text);
      });
    });
    hub.listen(0, '127.0.0.1');
    await once(hub, 'listening');
  });
  afterEach(async () => {
    hub.closeAllConnections();
    hub.close();
    await once(hub, 'close');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a registration whose waits take no time, and that is stopped after so many of them. */
  const run = async (
    maxWaits: number,
    port = (hub.address() as AddressInfo).port,
    { path = '', catalog = null }: { path?: string; catalog?: CatalogMapping | null } = {},
  ): Promise<Registration> => {
    const made = new Registration({
      hub: hubCalls({ url: `http://127.0.0.1:${port}${path}`, tokenFile: join(folder, 'token'), catalog }),
      describe: () => registration,
      pulse: () => Promise.resolve(pulse),
      fences,
      logger: jsonLogger(
        (line) => lines.push(JSON.parse(line) as { msg: string; level: number }),
        () => new Date(),
      ),
      now: () => new Date('2026-01-01T00:00:00Z'),
      random: () => 0,
      wait: (ms, signal) => {
        waits.push(ms);
        if (waits.length >= maxWaits) stop.abort(new Error('enough'));
        return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
      },
    });
    await made.run(stop.signal);
    return made;
  };
  const accepted: [number, unknown] = [200, { id: 'c 1', ttl_seconds: 30, heartbeat_seconds: 10 }];

  it('registers with its token, then sends heartbeats at the pace that the hub tells', async () => {
    answers = [accepted, [200, {}]];
    const { status } = await run(3);
    expect(seen.map(({ path }) => path)).toEqual([
      '/capability-catalog/',
      '/capability-catalog/c%201/heartbeat',
      '/capability-catalog/c%201/heartbeat',
    ]);
    expect(seen.every(({ authorization }) => authorization === 'Bearer secret-token')).toBe(true);
    expect(seen.map(({ body }) => body)).toEqual([registration, pulse, pulse]);
    expect(waits).toEqual([10_000, 10_000, 10_000]);
    expect(status).toEqual({ state: 'registered', lastHeartbeatAt: '2026-01-01T00:00:00.000Z', detail: null });
  });

  it('registers again when the hub has forgotten it', async () => {
    answers = [accepted, [404, {}], accepted, [200, {}]];
    await run(3);
    expect(seen.map(({ path }) => path.endsWith('heartbeat'))).toEqual([false, true, false, true]);
  });

  it.each([401, 403, 409])('says that it is rejected when the hub answers a registration with %d', async (refusal) => {
    answers = [[refusal, { message: 'another live machine has this name' }]];
    const { status } = await run(3);
    expect(status.state).toBe('rejected');
    expect(status.detail).toContain('another live machine');
    expect(lines).toHaveLength(1);
    expect(waits).toEqual([20_000, 20_000, 20_000]);
  });

  it('says what the hub proposes to do about a refusal', async () => {
    const message = `machine id one belongs to "${'x'.repeat(300)}"`;
    answers = [[409, { code: 'machine-id-taken', message, hint: 'Remove the file machine-id.' }]];
    const { status } = await run(1);
    expect(status.detail).toBe(`the hub answered 409: ${message}. Remove the file machine-id.`);
  });

  it('is registered at last when the machine that it replaces has gone from the hub', async () => {
    answers = [[409, { message: 'still ready' }], accepted, [200, {}]];
    const { status } = await run(3);
    expect(status).toMatchObject({ state: 'registered', detail: null });
  });

  it('tries twenty times with growing pauses, logging each, then goes on slowly', async () => {
    hub.closeAllConnections();
    const { port } = hub.address() as AddressInfo;
    hub.close();
    await once(hub, 'close');
    const { status } = await run(25, port);
    expect(status.state).toBe('unreachable');
    expect(status.detail).toContain('ECONNREFUSED');
    expect(lines).toHaveLength(25);
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(waits[24]).toBe(60_000);
    hub.listen(0);
    await once(hub, 'listening');
  });

  it('refuses from now on who holds an older lease than the hub tells of, until it registers anew', async () => {
    answers = [accepted, [200, { leases: [{ lease_id: 'x', slot: 0, fence: 7 }] }]];
    await run(3);
    expect(() => {
      fences.admit({ slot: 0, fence: 6 });
    }).toThrow('fence 7');
    fences.admit({ slot: 1, fence: 6 });
    answers = [accepted];
    stop = new AbortController();
    waits = [];
    await run(1);
    fences.admit({ slot: 0, fence: 1 });
  });

  describe('of another kind', () => {
    const catalog = CatalogMapping.parse({
      registerPath: '/agents',
      send: { name: 'title', tunnel_port: 'ssh.reverse', toolchains: 'ssh.tools' },
    });

    it('registers by its mapping, once, and sends no heartbeats that nobody takes', async () => {
      answers = [[201, { stored: true }]];
      const { status } = await run(3, undefined, { path: '/hub', catalog });
      const { name, tunnel_port, toolchains, ...others } = registration;
      expect(seen).toEqual([
        {
          path: '/hub/agents',
          authorization: 'Bearer secret-token',
          body: { ...others, title: name, ssh: { reverse: tunnel_port, tools: toolchains } },
        },
      ]);
      expect(waits).toEqual([]);
      expect(status).toMatchObject({ state: 'registered', detail: expect.stringContaining('no heartbeats') });
    });

    it('takes an answer without content, and sends no token that it was not given', async () => {
      writeFileSync(join(folder, 'token'), '\n');
      answers = [[204, undefined]];
      expect((await run(3, undefined, { catalog })).status.state).toBe('registered');
      expect(seen).toMatchObject([{ path: '/agents', authorization: undefined }]);
    });

    it('sends heartbeats all the same where the hub turns out to be of build-machines', async () => {
      answers = [accepted, [200, {}]];
      await run(2, undefined, { catalog: CatalogMapping.parse({}) });
      expect(seen.map(({ path }) => path)).toEqual(['/capability-catalog/', '/capability-catalog/c%201/heartbeat']);
    });

    it('is tried twenty times, like any, when its answer is a refusal or none of a hub', async () => {
      answers = [
        [500, {}],
        [200, '<html>'],
        [200, {}],
      ];
      const { status } = await run(5, undefined, { catalog });
      expect(seen).toHaveLength(3);
      expect(status.state).toBe('registered');
    });
  });

  it('never logs the token', async () => {
    answers = [[500, { message: 'oops' }]];
    await run(3);
    expect(JSON.stringify(lines)).not.toContain('secret-token');
  });
});

describe('the pause after a failed try', () => {
  it('is drawn from its upper half, so that machines do not come back all at once', () => {
    for (const tries of [1, 5, QUICK_TRIES, 100]) expect(backoffMs(tries, 0.999)).toBeGreaterThan(backoffMs(tries, 0));
  });
  it('is a minute at most for twenty tries', () => {
    expect(Math.max(...Array.from({ length: QUICK_TRIES - 1 }, (_, index) => backoffMs(index + 1, 1)))).toBe(60_000);
  });
});
