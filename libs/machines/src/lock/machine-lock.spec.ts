import { MachineDefinition, type Provider } from '@build-machines/protocol';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stateFolder } from '../state/state-folder.js';
import { YamlFileError } from '../yaml-files/errors.js';
import { MachineLockMixedError } from './errors.js';
import { machineLockFile, readMachineLock, writeMachineLock, type MachineLock } from './machine-lock.js';

const lock: MachineLock = {
  version: 2,
  os: 'linux',
  arch: 'x64',
  toolchains: [
    { tool: 'ghc', version: '9.10' },
    { tool: 'cabal', version: '3.4.1.0' },
  ],
  traits: {
    system: { 'package zlib1g-dev': '1:1.2', 'program gcc': 'aa' },
    ghc: { '9.10': { settings: 'bb' } },
    cabal: { '3.4.1.0': { program: 'cc' } },
  },
};

describe("a machine's lock", () => {
  let folder: string;
  const state = () => stateFolder({ BUILD_MACHINES_HOME: join(folder, 'state') });
  const machine = (provider: Provider = 'qemu') => ({
    folder,
    definition: MachineDefinition.parse({ name: 'box', provider }),
  });
  const text = () => readFile(machineLockFile(machine(), state()), 'utf8');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bm-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is nothing before the machine was up', async () => {
    expect(await readMachineLock(machine(), state())).toBeNull();
  });

  it('is read as it was written, versions as text', async () => {
    await writeMachineLock(machine(), state(), lock);
    expect(await readMachineLock(machine(), state())).toEqual({
      ...lock,
      toolchains: [...lock.toolchains].reverse(),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('is not written again when nothing changed, whatever order its parts come in', async () => {
    expect(await writeMachineLock(machine(), state(), lock)).toBe(true);
    const before = await text();
    const { system, ...tools } = lock.traits!;
    const turned = { ...tools, system: Object.fromEntries(Object.entries(system).reverse()) };
    const again = { ...lock, toolchains: [...lock.toolchains].reverse(), traits: turned };
    expect(await writeMachineLock(machine(), state(), again)).toBe(false);
    expect(await text()).toBe(before);
  });

  it('of a sandbox is not in the workspace, where another developer would rewrite it', async () => {
    const sandbox = machine('sandbox');
    expect(machineLockFile(sandbox, state()).startsWith(state().root)).toBe(true);
    await writeFile(join(folder, 'machine.lock'), 'version: 1\nos: another\narch: x64\ntoolchains: []\n');
    expect(await readMachineLock(sandbox, state())).toBeNull();
    await mkdir(dirname(machineLockFile(sandbox, state())), { recursive: true });
    await writeMachineLock(sandbox, state(), lock);
    expect((await readMachineLock(sandbox, state()))?.os).toBe('linux');
  });

  it('of an earlier release is read, and has no traits', async () => {
    await writeFile(join(folder, 'machine.lock'), 'version: 1\nos: linux\narch: x64\ntoolchains: []\n');
    expect(await readMachineLock(machine(), state())).toEqual({ version: 1, os: 'linux', arch: 'x64', toolchains: [] });
  });

  it('that was merged by hand into nonsense is reported with its line', async () => {
    await writeFile(join(folder, 'machine.lock'), 'version: 1\n<<<<<<< HEAD\n');
    await expect(readMachineLock(machine(), state())).rejects.toBeInstanceOf(YamlFileError);
  });

  it('that a merge made of two machines is refused', async () => {
    await writeMachineLock(machine(), state(), lock);
    await writeFile(join(folder, 'machine.lock'), (await text()).replace('1:1.2', '1:1.3'));
    await expect(readMachineLock(machine(), state())).rejects.toBeInstanceOf(MachineLockMixedError);
  });
});
