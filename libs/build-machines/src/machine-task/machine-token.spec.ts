import { stateFolder } from '@build-machines/machines';
import { MachineDefinition } from '@build-machines/protocol';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MACHINE_TOKEN_VARIABLE, machineToken } from './machine-token.js';

describe("a machine's token at an existing hub", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'bmt-'));
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
