import { loadMachine, stateFolder, writeMachineLock } from '@build-machines/machines';
import type { MachineTraits } from '@build-machines/protocol';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashedTraits } from './hashed-traits.js';

const TRAITS: MachineTraits = {
  system: { 'package zlib1g-dev': '1' },
  ghc: { '9.0.2': { settings: 'a' }, '9.6.6': { settings: 'b' } },
  cabal: {},
};

describe('what the machines of a task contribute to its hash', () => {
  let root: string;
  const state = () => stateFolder({ BUILD_MACHINES_HOME: join(root, 'state') });
  const hashed = (options = {}) => hashedTraits(root, options, state());

  /** Defines a machine, with what it has when it was up. */
  async function machine(name: string, traits: MachineTraits | null, yaml = ''): Promise<void> {
    await mkdir(join(root, 'machines', name), { recursive: true });
    await writeFile(join(root, 'machines', name, 'machine.yml'), `name: ${name}\nprovider: qemu\n${yaml}`);
    if (!names.includes(name)) names.push(name);
    const lines = names.map((known, index) => `  ${known}: ${12221 + index}\n`).join('');
    const range = 'range: {first: 12221, last: 12230}\nservices: {relay: 12220, hub: 8000}\n';
    await writeFile(join(root, 'port-registry.yml'), `${range}machines:\n${lines}`);
    if (traits === null) return;
    const toolchains = [{ tool: 'ghc' as const, version: '9.0.2' }];
    const lock = { version: 2 as const, os: 'Debian', arch: 'x64', toolchains, traits };
    await writeMachineLock(await loadMachine(root, name), state(), lock);
  }
  let names: string[];

  beforeEach(async () => {
    names = [];
    root = await mkdtemp(join(tmpdir(), 'bm-hashed-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('does not change by another machine of the same traits, a label or slots', async () => {
    await machine('m-a', TRAITS);
    const before = await hashed();
    await machine('m-b', TRAITS, 'labels: {site: lab}\nslots: 4\n');
    expect(await hashed()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it("does not change by a colleague's machine that was never up, nor by one that the task does not name", async () => {
    await machine('m-a', TRAITS);
    const before = [await hashed(), await hashed({ machine: 'm-a' })];
    await machine('m-c', null);
    expect([await hashed(), await hashed({ machine: 'm-a' })]).toEqual(before);
    await machine('m-d', { ...TRAITS, system: {} });
    expect(await hashed({ machine: 'm-a' })).toEqual(before[1]);
  });

  it('changes by what the task would see: another package, another compiler, another machine', async () => {
    await machine('m-a', TRAITS);
    await machine('m-b', { ...TRAITS, system: { 'package zlib1g-dev': '2' } });
    const one = await hashed({ machine: 'm-a' });
    expect(await hashed({ machine: 'm-b' })).not.toEqual(one);
    expect(await hashed({ machine: 'm-a', ghc: '9.6.6' })).not.toEqual(one);
    expect(await hashed({ machine: 'm-a', ghc: '9.0.2' })).toEqual(one);
    expect(await hashed()).toHaveLength(2);
  });

  it('does not change by a compiler that the task does not use', async () => {
    await machine('m-a', TRAITS);
    const before = await hashed();
    await machine('m-a', { ...TRAITS, ghc: { '9.0.2': { settings: 'a' }, '9.8.4': { settings: 'c' } } });
    expect(await hashed()).toEqual(before);
  });

  it.each([
    ['a machine was never up', null, {}],
    ['there is none of that name', TRAITS, { machine: 'nobody' }],
    ['a label is on none', TRAITS, { labels: { site: 'moon' } }],
  ])('is never the same while %s', async (_what, traits, options) => {
    await machine('m-a', traits);
    expect(await hashed(options)).not.toEqual(await hashed(options));
  });
});
