import { loadMachine, stateFolder } from '@build-machines/machines';
import { HubClient, startHub, type RunningHub } from '@build-machines/state-hub';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poolOf, type MachinePool } from './machine-pool.js';
import { machinesInOrder } from './machines-in-order.js';
import { openPlacement } from './open-placement.js';

const adminToken = 'an-admin-token-of-this-very-test-0123456789';
const request = { label: 'app:remote-build', machines: ['vm-a', 'vm-b'] as const };

describe('how work is placed', () => {
  let root: string;
  let hub: RunningHub;
  let admin: HubClient;
  let minimal: Server;
  let notes: string[];
  beforeEach(async () => {
    notes = [];
    root = await mkdtemp(join(tmpdir(), 'bmo-'));
    hub = await startHub({ port: 0, databaseFile: join(root, 'hub.db'), adminToken });
    admin = new HubClient({ url: hub.url, token: adminToken });
    minimal = createServer((message, response) => {
      const isCatalog = message.url?.startsWith('/capability-catalog/') === true;
      if (message.url === '/api/agents?kind=haskell-build-agent') {
        response.end(JSON.stringify({ page: { agents: [{ agent: { title: 'vm-a' }, health: 'ready' }] } }));
        return;
      }
      response.writeHead(isCatalog ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isCatalog ? [{ name: 'vm-b', status: 'ready', colour: 'unknown to us' }] : {}));
    });
    await new Promise<void>((resolve) => minimal.listen(0, '127.0.0.1', resolve));
    const machines = 'machines:\n  vm-a: 41000\n  vm-b: 41001\n';
    const ports = `range: { first: 41000, last: 41009 }\nservices: { relay: 41010, hub: ${hub.port} }\n${machines}`;
    await writeFile(join(root, 'port-registry.yml'), ports);
  });
  afterEach(async () => {
    await hub.close();
    minimal.close();
    await rm(root, { recursive: true, force: true });
  });

  const minimalUrl = () => `http://127.0.0.1:${(minimal.address() as AddressInfo).port}`;
  const surroundings = () => ({
    state: stateFolder({ BUILD_MACHINES_HOME: join(root, 'state') }),
    env: { BUILD_MACHINES_HUB_TOKEN: adminToken },
    note: (text: string) => notes.push(text),
    signal: new AbortController().signal,
  });

  /** A pool of virtual machines that are registered at a hub; `more`: further lines under `hub` of machine.yml. */
  async function pool(names: readonly string[], url: string, more = ''): Promise<MachinePool> {
    const candidates = [];
    for (const name of names) {
      await mkdir(join(root, 'machines', name), { recursive: true });
      await writeFile(
        join(root, 'machines', name, 'machine.yml'),
        `name: ${name}\nprovider: qemu\nhub:\n  url: ${url}\n${more}`,
      );
      candidates.push({ machine: await loadMachine(root, name), lock: null });
    }
    return poolOf({}, candidates, names.length === 1);
  }

  const register = (name: string, port: number) =>
    admin.register({
      capability_type: 'haskell-build-agent',
      ...{ name, hostname: name, machine_id: `id-of-${name}`, tunnel_port: port, agent_version: '1', protocol: 1 },
      ...{ os: 'Debian 12', arch: 'x64', cpus: 2, memory_bytes: 1, toolchains: [], labels: {}, slots: 1 },
    });

  it('by a lease, with a record, where the hub knows a machine', async () => {
    await register('vm-a', 41000);
    const { placement, recorder } = await openPlacement(await pool(['vm-a', 'vm-b'], hub.url), surroundings());
    const place = await placement.place({ ...request, machines: ['vm-a', 'vm-b'] });
    expect(place).toMatchObject({ machine: 'vm-a', lease: { slot: 0, fence: 1 } });
    expect(recorder).not.toBeNull();
    await place.release({ fault: false });
    expect(notes).toEqual([]);
  });

  it('on the only machine without a lease, when the hub does not know it yet', async () => {
    const { placement } = await openPlacement(await pool(['vm-a'], hub.url), surroundings());
    const place = await placement.place({ ...request, machines: ['vm-a'] });
    expect([place.machine, place.lease]).toEqual(['vm-a', undefined]);
  });

  it('not at all, with the way to mend it, when none of several is up', async () => {
    const opening = openPlacement(await pool(['vm-a', 'vm-b'], hub.url), surroundings());
    await expect(opening).rejects.toMatchObject({
      code: 'no-machine-up',
      message: expect.stringContaining('vm-a has never registered'),
      hint: expect.stringContaining('nx run vm-a:up'),
    });
  });

  it('on the only machine, saying so, when no hub answers; with several, nobody can choose', async () => {
    const { placement, recorder } = await openPlacement(await pool(['vm-a'], 'http://127.0.0.1:1'), surroundings());
    expect((await placement.place({ ...request, machines: ['vm-a'] })).machine).toBe('vm-a');
    expect(recorder).toBeNull();
    expect(notes).toEqual([expect.stringContaining('does not answer')]);
    const several = openPlacement(await pool(['vm-a', 'vm-b'], 'http://127.0.0.1:1'), surroundings());
    await expect(several).rejects.toMatchObject({ code: 'hub-unreachable' });
  });

  it('by the catalog of a hub that has nothing else, naming what is not used', async () => {
    const { placement, recorder } = await openPlacement(await pool(['vm-a', 'vm-b'], minimalUrl()), surroundings());
    expect((await placement.place({ ...request, machines: ['vm-a', 'vm-b'] })).machine).toBe('vm-b');
    expect(recorder).toBeNull();
    expect(notes).toEqual([expect.stringContaining('no leases and no runs')]);
  });

  it('by a catalog that lies elsewhere, as machine.yml describes it', async () => {
    const catalog =
      '  catalog:\n    listPath: /api/agents\n    typeParameter: kind\n    collection: [page.agents]\n' +
      '    fields: { name: [agent.title], state: [health] }\n';
    const described = await pool(['vm-a', 'vm-b'], minimalUrl(), catalog);
    const { placement } = await openPlacement(described, surroundings());
    expect((await placement.place({ ...request, machines: ['vm-a', 'vm-b'] })).machine).toBe('vm-a');
  });

  it('begins no session on a machine that is being drained, and fetches from it all the same', async () => {
    await pool(['vm-a'], hub.url);
    await register('vm-a', 41000);
    await admin.setMachineMode('vm-a', { mode: 'draining', note: 'new disk' });
    const order = (purpose: 'session' | 'fetch') =>
      machinesInOrder(root, { machine: 'vm-a' }, { cabalFolder: 'app', purpose }, surroundings());
    await expect(order('session')).rejects.toMatchObject({ message: expect.stringContaining('(new disk)') });
    expect(await order('fetch')).toEqual(['vm-a']);
  });
});
