import { type LoadedMachine, readMachineLock, stateFolder } from '@build-machines/machines';
import type { AgentInfo } from '@build-machines/protocol';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateLock } from './update-lock.js';

describe('what up notes of a machine in its lock', () => {
  let folder: string;
  const machine = () => ({ folder, definition: { name: 'box', provider: 'qemu' } }) as LoadedMachine;
  const state = () => stateFolder({ BUILD_MACHINES_HOME: join(folder, 'state') });
  const ghc = { tool: 'ghc', version: '9.0.2', path: '/usr/bin/ghc' };
  const infoOf = (packages: Record<string, string>) =>
    ({
      ...{ os: 'linux', arch: 'x64', defaultToolchain: { ghc } },
      traits: { system: packages, ghc: {}, cabal: {} },
    }) as unknown as AgentInfo;
  const info = infoOf({});
  const [first, second] = ['1'.repeat(64), '2'.repeat(64)];
  const lock = () => readMachineLock(machine(), state());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bm-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is the image that it was made from, and the tools of a run that asks for none', async () => {
    expect(await updateLock(machine(), state(), info, first)).toBe(join(folder, 'machine.lock'));
    expect(await lock()).toMatchObject({ toolchains: [{ tool: 'ghc', version: '9.0.2' }], image: { sha256: first } });
    expect(await updateLock(machine(), state(), info, second)).toBeDefined();
    expect((await lock())?.image).toEqual({ sha256: second });
  });

  it('is what builds see, so that a package which was installed makes the targets run again', async () => {
    await updateLock(machine(), state(), info, first);
    expect(await updateLock(machine(), state(), info)).toBeUndefined();
    expect(await updateLock(machine(), state(), infoOf({ 'package libghc-random-dev': '1.2' }))).toBeDefined();
    expect(await lock()).toMatchObject({
      image: { sha256: first },
      traits: { system: { 'package libghc-random-dev': '1.2' } },
    });
  });

  it('replaces a lock that nobody can read', async () => {
    await writeFile(join(folder, 'machine.lock'), '<<<<<<< HEAD\n');
    expect(await updateLock(machine(), state(), info)).toBeDefined();
    expect((await lock())?.os).toBe('linux');
  });
});
