import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { YamlFileError } from '../yaml-files/errors.js';
import { MACHINE_LOCK, readMachineLock, writeMachineLock, type MachineLock } from './machine-lock.js';

const lock: MachineLock = {
  version: 1,
  os: 'linux',
  arch: 'x64',
  toolchains: [
    { tool: 'ghc', version: '9.0.2' },
    { tool: 'cabal', version: '3.4.1.0' },
  ],
};

describe("a machine's lock", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bm-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is nothing before the machine was up', async () => {
    expect(await readMachineLock(folder)).toBeNull();
  });

  it('is read as it was written, versions as text', async () => {
    await writeMachineLock(folder, { ...lock, toolchains: [{ tool: 'ghc', version: '9.10' }] });
    expect((await readMachineLock(folder))?.toolchains).toEqual([{ tool: 'ghc', version: '9.10' }]);
  });

  it('is not written again when nothing changed, so that Nx sees no change', async () => {
    expect(await writeMachineLock(folder, lock)).toBe(true);
    const before = await readFile(join(folder, MACHINE_LOCK), 'utf8');
    expect(await writeMachineLock(folder, { ...lock, toolchains: [...lock.toolchains].reverse() })).toBe(false);
    expect(await readFile(join(folder, MACHINE_LOCK), 'utf8')).toBe(before);
  });

  it('that was merged by hand into nonsense is reported with its line', async () => {
    await writeFile(join(folder, MACHINE_LOCK), 'version: 1\n<<<<<<< HEAD\n');
    await expect(readMachineLock(folder)).rejects.toBeInstanceOf(YamlFileError);
  });
});
