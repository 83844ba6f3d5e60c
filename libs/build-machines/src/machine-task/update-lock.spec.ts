import { type LoadedMachine, readMachineLock } from '@build-machines/machines';
import type { AgentInfo } from '@build-machines/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateLock } from './update-lock.js';

describe('what up notes of a machine in its lock', () => {
  let folder: string;
  const machine = () => ({ folder }) as LoadedMachine;
  const ghc = { tool: 'ghc', version: '9.0.2', path: '/usr/bin/ghc' };
  const info = { os: 'linux', arch: 'x64', defaultToolchain: { ghc } } as unknown as AgentInfo;
  const [first, second] = ['1'.repeat(64), '2'.repeat(64)];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bm-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is the image that it was made from, so that the targets run again on a machine of another image', async () => {
    expect(await updateLock(machine(), info, first)).toBe(true);
    expect(await readMachineLock(folder)).toMatchObject({
      toolchains: [{ tool: 'ghc', version: '9.0.2' }],
      image: { sha256: first },
    });
    expect(await updateLock(machine(), info, second)).toBe(true);
    expect((await readMachineLock(folder))?.image).toEqual({ sha256: second });
  });

  it('stays what it was when only the tools are looked at anew', async () => {
    await updateLock(machine(), info, first);
    expect(await updateLock(machine(), info)).toBe(false);
    expect((await readMachineLock(folder))?.image).toEqual({ sha256: first });
  });
});
