import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { stateFolder, type StateFolder } from '@build-machines/machines';
import { hubAdminToken } from './admin-token.js';
import { embeddedHub } from './embedded-hub.js';

describe('the client of the embedded hub', () => {
  const { uid } = userInfo();
  let state: StateFolder;
  let seen: (string | undefined)[];
  let server: Server;

  /** A program that says it is a hub, whoever's it is. */
  async function listen(address: string): Promise<number> {
    server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('[]');
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    return (server.address() as AddressInfo).port;
  }

  beforeEach(async () => {
    state = stateFolder({ BUILD_MACHINES_HOME: await mkdtemp(`${tmpdir()}/hub-`) });
    seen = [];
  });
  afterEach(async () => {
    server.close();
    await rm(state.root, { recursive: true });
  });

  it.each(['127.0.0.1', '0.0.0.0', '::'])('sends the token to a program of this account on %s', async (address) => {
    const hub = await embeddedHub(state, await listen(address), uid);
    await hub.listMachines();
    expect(seen).toEqual([`Bearer ${await hubAdminToken(state)}`]);
  });

  it.each(['127.0.0.1', '0.0.0.0', '::'])('sends another account on %s nothing', async (address) => {
    const hub = await embeddedHub(state, await listen(address), uid + 1);
    await expect(hub.listMachines()).rejects.toMatchObject({ code: 'hub-foreign' });
    await expect(hub.listTokens()).rejects.toMatchObject({ code: 'hub-foreign', details: { uids: [uid] } });
    expect(seen).toEqual([]);
  });

  it('says that no hub answers where nobody listens', async () => {
    const port = await listen('127.0.0.1');
    await new Promise((resolve) => server.close(resolve));
    const hub = await embeddedHub(state, port, uid + 1);
    await expect(hub.listMachines()).rejects.toMatchObject({ code: 'hub-unreachable' });
  });
});
