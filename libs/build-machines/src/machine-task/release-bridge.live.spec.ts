import { authorizeTunnel, ensureKey, sandboxLayout, stateFolder, writePrivate } from '@build-machines/machines';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releaseBridge } from './release-bridge.js';

describe('the bridge, when a machine goes down', () => {
  let folder: string;
  let tunnel: Server;
  const state = () => stateFolder({ BUILD_MACHINES_HOME: folder });
  /** stopBridge leaves this behind, so that no supervisor brings the bridge back. */
  const isStopped = () => existsSync(join(state().bridge, 'stopped'));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rb-'));
    tunnel = createServer();
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    const { publicKey } = await ensureKey(join(folder, 'key'), 'tunnel');
    const { port } = tunnel.address() as AddressInfo;
    await authorizeTunnel(state(), { machine: 'vm', publicKey, port, hubPort: 8000 });
  });
  afterEach(async () => {
    tunnel.close();
    await rm(folder, { recursive: true });
  });

  it('stays while the tunnel of another machine stands at its relay', async () => {
    expect(await releaseBridge(state(), 'sandbox')).toBe(false);
    expect(isStopped()).toBe(false);
  });

  it('goes when the only tunnel that stands is that of the machine itself', async () => {
    await releaseBridge(state(), 'vm');
    expect(isStopped()).toBe(true);
  });

  it('goes when other machines may connect but are not there', async () => {
    await new Promise((resolve) => tunnel.close(resolve));
    await releaseBridge(state(), 'sandbox');
    expect(isStopped()).toBe(true);
  });

  it('stays while a sandbox shall run', async () => {
    await new Promise((resolve) => tunnel.close(resolve));
    const record = { version: 1, name: 'other', wanted: true, sshdPort: 1, forwardPort: 2, given: '' };
    await writePrivate(sandboxLayout(state(), 'other').record, JSON.stringify(record));
    expect(await releaseBridge(state(), 'sandbox')).toBe(false);
    expect(isStopped()).toBe(false);
  });
});
