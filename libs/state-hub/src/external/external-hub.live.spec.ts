import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CatalogMappingInput } from '@build-machines/protocol';
import { catalogContract, type HubUnderTest } from '../testing/catalog-contract.js';
import { ADMIN_TOKEN, HubRig, registration } from '../testing/hub-rig.js';
import { startMinimalHub, startRenamedHub } from '../testing/minimal-hub.js';
import { HUB_FEATURES } from './external-errors.js';
import { CatalogClient, connectHub } from './external-hub.js';

async function startEmbeddedHub(): Promise<HubUnderTest> {
  const rig = await HubRig.start();
  return { url: rig.url, token: ADMIN_TOKEN, close: () => rig.close() };
}

describe('the contract of a catalog', () => {
  describe('kept by the embedded hub', () => {
    catalogContract(startEmbeddedHub);
  });
  describe('kept by the embedded hub restricted to what is known of others', () => {
    catalogContract(startMinimalHub);
  });
  describe('kept by a hub that has all of it elsewhere, by a mapping', () => {
    catalogContract(startRenamedHub);
  });
});

describe('connecting to a hub', () => {
  it('finds that a hub of build-machines can everything', async () => {
    const hub = await startEmbeddedHub();
    const connected = await connectHub(hub);
    expect(connected.missing).toEqual([]);
    expect(await connected.full('leases').queue()).toEqual({ leases: [], waiting: [] });
    await hub.close();
  });

  it('works with a hub that has a catalog only, and names what is switched off', async () => {
    const hub = await startMinimalHub();
    const connected = await connectHub(hub);
    expect(connected.missing).toEqual(HUB_FEATURES);
    await connected.catalog.register(registration('m1'));
    expect(await connected.catalog.list()).toMatchObject([{ name: 'm1', state: 'unknown' }]);
    expect(() => connected.full('leases')).toThrow(
      expect.objectContaining({ code: 'hub-feature-missing', message: expect.stringContaining('has no leases') }),
    );
    await hub.close();
  });

  it('reads a hub that has all of it elsewhere by its mapping only', async () => {
    const hub = await startRenamedHub();
    const { catalog, missing } = await connectHub(hub);
    await catalog.register(registration('m1', { tunnel_port: 12225 }));
    expect(await catalog.list()).toMatchObject([{ name: 'm1', tunnelPort: 12225, labels: { site: 'lab' } }]);
    expect(missing).toEqual(HUB_FEATURES);
    const { mapping, ...without } = hub;
    expect(mapping).toBeDefined();
    await expect((await connectHub(without)).catalog.list()).rejects.toMatchObject({ code: 'hub-answer-unreadable' });
    await hub.close();
  });

  it('says when nothing answers', async () => {
    await expect(connectHub({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'hub-unreachable' });
  });
});

describe('reading the catalog of another hub', () => {
  const listOf = async (answer: unknown, mapping?: CatalogMappingInput) => {
    const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      return await new CatalogClient({ url, mapping }).list();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it.each([
    ['a list', [{ name: 'm1' }]],
    ['a list under a usual name', { count: 1, results: [{ name: 'm1' }] }],
  ])('takes %s', async (_case, answer) => {
    expect(await listOf(answer)).toMatchObject([{ name: 'm1', tunnelPort: null, toolchains: [], slots: 1 }]);
  });

  it('follows a mapping', async () => {
    const mapping = { collection: ['page.agents'], fields: { name: ['agent.title'], tunnelPort: ['ssh.reverse'] } };
    const answer = { page: { agents: [{ agent: { title: 'm1' }, ssh: { reverse: '12222' } }] } };
    expect(await listOf(answer, mapping)).toMatchObject([{ name: 'm1', tunnelPort: 12222 }]);
  });

  it.each([
    ['objects', [{ tool: 'ghc', version: '9.6.6', extra: 1 }]],
    ['texts', ['ghc-9.6.6', 'nonsense']],
    ['versions by tool', { ghc: '9.6.6' }],
  ])('understands toolchains given as %s', async (_case, toolchains) => {
    expect(await listOf([{ name: 'm1', toolchains }])).toMatchObject([
      { toolchains: [{ tool: 'ghc', version: '9.6.6' }] },
    ]);
  });

  it('leaves out what is of another type, or has no name', async () => {
    expect(await listOf([{ name: 'm1', capability_type: 'llm' }, { slots: 1 }, null])).toEqual([]);
  });

  it('says when the answer holds no list', async () => {
    await expect(listOf({ message: 'hello' })).rejects.toMatchObject({ code: 'hub-answer-unreadable' });
  });
});
