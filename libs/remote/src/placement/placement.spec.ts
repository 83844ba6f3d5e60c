import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CapabilityRegistration } from '@build-machines/protocol';
import { HubClient, startHub, type RunningHub } from '@build-machines/state-hub';
import { MachineUnreachableError } from '../connection/connection-errors.js';
import { hubPlacement } from './hub-placement.js';
import type { Placement } from './placement.js';
import { runPlaced } from './run-placed.js';
import { singlePlacement } from './single-placement.js';

const adminToken = 'an-admin-token-of-this-very-test-0123456789';
let folder: string;
let running: RunningHub;
let hub: HubClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bmp-'));
  running = await startHub({ host: '127.0.0.1', port: 0, databaseFile: join(folder, 'hub.db'), adminToken });
  hub = new HubClient({ url: running.url, token: adminToken });
  for (const [index, name] of ['one', 'two'].entries()) await hub.register(registration(name, 12_300 + index));
});

afterAll(async () => {
  await running.close();
  await rm(folder, { recursive: true });
});

function registration(name: string, port: number): CapabilityRegistration {
  return {
    capability_type: 'haskell-build-agent',
    name,
    machine_id: `id-of-${name}`,
    tunnel_port: port,
    agent_version: '0.1.0',
    protocol: 1,
    hostname: name,
    os: 'Debian 12',
    arch: 'x64',
    cpus: 2,
    memory_bytes: 2 ** 30,
    toolchains: [{ tool: 'ghc', version: '9.0.2', path: '/usr/bin/ghc' }],
    labels: { lab: name },
    slots: 1,
  };
}

const request = { label: 'app:remote-build', user: 'me' };
const succeeded = { result: { outcome: 'succeeded' as const } };

// One contract, for every way to place.
describe.each<[string, () => Placement, string]>([
  ['a named machine', () => singlePlacement('one'), 'one'],
  ['the hub', () => hubPlacement(hub), 'one'],
])('placing on %s', (_, make, expected) => {
  it('gives a place that fits, and takes it back as often as one likes', async () => {
    const place = await make().place({ ...request, requirements: { labels: { lab: 'one' } } });
    expect([place.machine, place.lost.aborted]).toEqual([expected, false]);
    await place.release({ fault: false });
    await place.release({ fault: false });
  });

  it('does not begin when it is already given up', async () => {
    await expect(make().place({ ...request, signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow();
  });
});

describe('placing through the hub', () => {
  it('spreads work, and tells who waits why and at which position', async () => {
    const placement = hubPlacement(hub);
    const [first, second] = [await placement.place(request), await placement.place(request)];
    expect(new Set([first.machine, second.machine])).toEqual(new Set(['one', 'two']));
    const told: number[] = [];
    const third = placement.place({
      ...request,
      onWaiting: ({ position }) => {
        told.push(position);
        void first.release({ fault: false });
      },
    });
    expect((await third).machine).toBe(first.machine);
    expect(told[0]).toBe(1);
    await (await third).release({ fault: false });
    await second.release({ fault: false });
    expect((await hub.queue()).leases).toEqual([]);
  });

  it('says at once when no machine can fit', async () => {
    await expect(hubPlacement(hub).place({ ...request, requirements: { ghc: '9.8.4' } })).rejects.toMatchObject({
      code: 'no-machine-fits',
    });
  });
});

describe('work that is placed', () => {
  it('is done once more on another machine when its machine was lost or out of reach', async () => {
    const used: string[] = [];
    await runPlaced(hubPlacement(hub), request, (machine) => {
      used.push(machine);
      if (used.length === 1)
        throw new MachineUnreachableError({ name: machine, sshHost: 'localhost', sshPort: 1 }, 'gone');
      return Promise.resolve(succeeded);
    });
    expect(new Set(used).size).toBe(2);
    expect((await hub.queue()).leases).toEqual([]);
  });

  it('is not repeated when the build failed, nor for ever', async () => {
    let attempts = 0;
    const work = (outcome: 'failed' | 'lost') => () => {
      attempts += 1;
      return Promise.resolve({ result: { outcome } });
    };
    expect((await runPlaced(singlePlacement('one'), request, work('failed'))).result.outcome).toBe('failed');
    expect(attempts).toBe(1);
    expect((await runPlaced(singlePlacement('one'), request, work('lost'))).result.outcome).toBe('lost');
    expect(attempts).toBe(3);
  });

  it('ends when its lease is taken away', async () => {
    let attempts = 0;
    const run = runPlaced(hubPlacement(hub), request, async (_machine, signal) => {
      attempts += 1;
      if (attempts > 1) return succeeded;
      const [lease] = (await hub.queue()).leases;
      await hub.revokeLease(lease?.id ?? '');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { result: { outcome: 'cancelled' as const } };
    });
    expect([(await run).result.outcome, attempts]).toEqual(['succeeded', 2]);
  });
});
