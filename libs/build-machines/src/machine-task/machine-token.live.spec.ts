import { makeTemporaryFolder } from '@build-machines/owned-files';
import { stateFolder } from '@build-machines/machines';
import { type CapabilityRegistration, MachineDefinition } from '@build-machines/protocol';
import { embeddedHub, hubAdminToken } from '@build-machines/remote';
import { HubClient, startHub } from '@build-machines/state-hub';
import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetAtHub, MACHINE_TOKEN_VARIABLE, machineToken } from './machine-token.js';

describe("a machine's token at an existing hub", () => {
  let root: string;
  beforeEach(async () => {
    root = await makeTemporaryFolder(join(tmpdir(), 'bmt-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const machine = {
    definition: MachineDefinition.parse({ name: 'box', provider: 'sandbox', hub: { url: 'http://127.0.0.1:1' } }),
    services: { relay: 12220, hub: 1 },
  };
  const token = (env: Record<string, string>) =>
    machineToken(machine, stateFolder({ BUILD_MACHINES_HOME: join(root, 'state') }), env);

  it('is none where none is given: the embedded one is not shown to another server', async () => {
    expect(await token({})).toBe('');
    expect(await readdir(root)).toEqual([]);
  });

  it('is kept, for its owner only, so that a later up needs no variable', async () => {
    expect(await token({ [MACHINE_TOKEN_VARIABLE]: 'secret\n' })).toBe('secret');
    expect(await token({})).toBe('secret');
    const folder = stateFolder({ BUILD_MACHINES_HOME: join(root, 'state') }).machine('box');
    expect((await stat(join(folder, 'existing-hub-token'))).mode & 0o777).toBe(0o600);
    expect(await token({ [MACHINE_TOKEN_VARIABLE]: 'next' })).toBe('next');
  });
});

describe('a machine that is destroyed', () => {
  let root: string;
  beforeEach(async () => {
    root = await makeTemporaryFolder(join(tmpdir(), 'bmt-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('is forgotten by its hub: its token and its entry, and no other machine’s', async () => {
    const state = stateFolder({ BUILD_MACHINES_HOME: join(root, 'state') });
    const hub = await startHub({
      port: 0,
      databaseFile: join(root, 'hub/hub.db'),
      adminToken: await hubAdminToken(state),
    });
    try {
      const services = { relay: 12220, hub: hub.port };
      const machine = (name: string) => ({
        definition: MachineDefinition.parse({ name, provider: 'sandbox' }),
        services,
      });
      const asMachine = async (name: string) =>
        new HubClient({ url: hub.url, token: await machineToken(machine(name), state) });
      const [box, other] = [await asMachine('box'), await asMachine('other')];
      await box.register(registration('box'));
      await other.register(registration('other'));
      expect(await forgetAtHub(machine('box'), state)).toBe(true);
      await expect(box.register(registration('box'))).rejects.toMatchObject({ status: 401 });
      await other.register(registration('other'));
      const listed = await (await embeddedHub(state, hub.port)).listMachines();
      expect(listed.map(({ name }) => name)).toEqual(['other']);
    } finally {
      await hub.close();
    }
  });

  it('is destroyed all the same while its hub does not answer', async () => {
    const state = stateFolder({ BUILD_MACHINES_HOME: join(root, 'state') });
    const definition = MachineDefinition.parse({ name: 'box', provider: 'sandbox' });
    expect(await forgetAtHub({ definition, services: { relay: 12220, hub: 1 } }, state)).toBe(false);
  });
});

function registration(name: string): CapabilityRegistration {
  return {
    ...{ capability_type: 'haskell-build-agent', name, machine_id: `id-of-${name}`, tunnel_port: 12221, protocol: 1 },
    ...{ agent_version: '1', hostname: name, os: 'Debian', arch: 'x64', cpus: 1, memory_bytes: 1 },
    ...{ toolchains: [], labels: {}, slots: 1 },
  };
}
