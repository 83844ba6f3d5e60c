import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CapabilityRegistration } from '@build-machines/protocol';
import { type CatalogMachine, HubClient, startHub, type RunningHub } from '@build-machines/state-hub';
import { MachineUnreachableError } from '../connection/connection-errors.js';
import { hubPlacement } from './hub-placement.js';
import { catalogPlacement } from './catalog-placement.js';
import type { Placement, PlacementRequest, Waiting } from './placement.js';
import { runPlaced } from './run-placed.js';
import { singlePlacement } from './single-placement.js';
import { rememberWarmMachine, warmMachines } from './warm-machines.js';

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

const request: PlacementRequest = { label: 'app:remote-build', machines: ['one', 'two'] };
const succeeded = { result: { outcome: 'succeeded' as const, reason: null } };
const overHub = () => hubPlacement(hub, 'me');

/** A minimal hub's catalog. */
function catalog(...states: [string, CatalogMachine['state']][]): Placement {
  const machines = states.map(([name, state]) => ({
    ...{ name, state, machineId: null, tunnelPort: null, toolchains: [], labels: {}, slots: 1 },
  }));
  return catalogPlacement({ list: () => Promise.resolve(machines) }, 'http://hub');
}

// One contract, for every way to place.
describe.each<[string, () => Placement]>([
  ['a named machine', () => singlePlacement('one')],
  ['the hub', overHub],
  ['a hub that has a catalog only', () => catalog(['one', 'ready'])],
])('placing on %s', (_, make) => {
  it('gives a place that fits, and takes it back as often as one likes', async () => {
    const place = await make().place({ ...request, machines: ['one'] });
    expect([place.machine, place.lost.aborted]).toEqual(['one', false]);
    await place.release({ fault: false });
    await place.release({ fault: false });
  });

  it('takes what is preferred, if it is one of those that may be taken', async () => {
    const place = await make().place({ ...request, prefer: ['three', 'one'] });
    expect(place.machine).toBe('one');
    await place.release({ fault: false });
  });
});

describe('a placement', () => {
  it.each<[string, () => Placement]>([
    ['on a named machine', () => singlePlacement('one')],
    ['by the hub', overHub],
  ])('%s does not begin when it is already given up', async (_, make) => {
    await expect(make().place({ ...request, signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow();
  });

  it('by a catalog takes nothing that is not ready, and says so when nothing is', async () => {
    expect((await catalog(['one', 'stale'], ['two', 'unknown']).place(request)).machine).toBe('two');
    await expect(catalog(['one', 'gone'], ['other', 'ready']).place(request)).rejects.toMatchObject({
      code: 'no-machine-ready',
    });
  });
});

describe('placing through the hub', () => {
  it('spreads work, and tells who waits why and at which position', async () => {
    const placement = overHub();
    const [first, second] = [await placement.place(request), await placement.place(request)];
    expect(new Set([first.machine, second.machine])).toEqual(new Set(['one', 'two']));
    const told: Waiting[] = [];
    const third = placement.place({
      ...request,
      onWaiting: (waiting) => {
        told.push(waiting);
        void first.release({ fault: false });
      },
    });
    expect((await third).machine).toBe(first.machine);
    expect(told[0]).toMatchObject({
      position: 1,
      reasons: expect.arrayContaining(['one is busy with me (app:remote-build)']),
    });
    await (await third).release({ fault: false });
    await second.release({ fault: false });
    expect((await hub.queue()).leases).toEqual([]);
  });

  it("never takes another workspace's machine, although it is free", async () => {
    const first = await overHub().place({ ...request, machines: ['one'] });
    const giveUp = new AbortController();
    const second = overHub().place({
      ...request,
      machines: ['one'],
      signal: giveUp.signal,
      onWaiting: () => {
        giveUp.abort(new Error('it waits'));
      },
    });
    await expect(second).rejects.toThrow('it waits');
    await first.release({ fault: false });
  });

  it('says at once when no machine can fit', async () => {
    await expect(overHub().place({ ...request, toolchain: { ghc: '9.8.4' } })).rejects.toMatchObject({
      code: 'no-machine-fits',
    });
  });

  it('avoids a machine only as long as there is another', async () => {
    const elsewhere = await overHub().place({ ...request, prefer: ['one'], avoid: ['one'] });
    const again = await overHub().place({ ...request, machines: ['one'], avoid: ['one'] });
    expect([elsewhere.machine, again.machine]).toEqual(['two', 'one']);
    for (const place of [elsewhere, again]) await place.release({ fault: false });
  });
});

describe('work that is placed', () => {
  it('is done once more on another machine when its machine was lost or out of reach', async () => {
    const used: string[] = [];
    const told: string[] = [];
    await runPlaced(overHub(), request, {
      run: ({ machine }) => {
        used.push(machine);
        if (used.length === 1)
          throw new MachineUnreachableError({ name: machine, sshHost: 'localhost', sshPort: 1 }, 'gone');
        return Promise.resolve(succeeded);
      },
      onRetry: (machine, reason) => told.push(machine, reason),
    });
    expect(new Set(used).size).toBe(2);
    expect(told).toEqual([used[0], expect.stringContaining('cannot be reached')]);
    expect((await hub.queue()).leases).toEqual([]);
  });

  it('is not repeated when the build failed, nor for ever, nor on the only machine when that is out of reach', async () => {
    let attempts = 0;
    const work = (outcome: 'failed' | 'lost') => ({
      run: () => {
        attempts += 1;
        return Promise.resolve({ result: { outcome, reason: null } });
      },
    });
    const only: PlacementRequest = { ...request, machines: ['one'] };
    expect((await runPlaced(singlePlacement('one'), only, work('failed'))).result.outcome).toBe('failed');
    expect(attempts).toBe(1);
    expect((await runPlaced(singlePlacement('one'), only, work('lost'))).result.outcome).toBe('lost');
    expect(attempts).toBe(3);
    const unreachable = runPlaced(singlePlacement('one'), only, {
      run: () => {
        attempts += 1;
        throw new MachineUnreachableError({ name: 'one', sshHost: 'localhost', sshPort: 1 }, 'gone');
      },
    });
    await expect(unreachable).rejects.toMatchObject({ code: 'machine-unreachable' });
    expect(attempts).toBe(4);
  });

  it('stands in line again when its lease is taken away', async () => {
    let attempts = 0;
    const run = runPlaced(overHub(), request, {
      run: async (_place, signal) => {
        attempts += 1;
        if (attempts > 1) return succeeded;
        const [lease] = (await hub.queue()).leases;
        await hub.revokeLease(lease?.id ?? '');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { result: { outcome: 'cancelled' as const, reason: null } };
      },
    });
    expect([(await run).result.outcome, attempts]).toEqual(['succeeded', 2]);
  });
});

describe('warm machines', () => {
  it('are the latest that built a project first, and those of no other project', async () => {
    const root = await mkdtemp(join(folder, 'w-'));
    for (const machine of ['one', 'two', 'one']) await rememberWarmMachine(root, 'app', machine);
    expect(await warmMachines(root, 'app')).toEqual(['one', 'two']);
    expect(await warmMachines(root, 'other')).toEqual([]);
  });
});
