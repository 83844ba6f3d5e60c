import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '../../processes/process-identity.js';
import { leaveWorkFolder, makeWorkFolder } from './work-folder.js';

describe('the folder that a build works in', () => {
  let store: string;
  beforeEach(() => {
    store = mkdtempSync(join(tmpdir(), 'store-'));
  });
  afterEach(() => {
    rmSync(store, { recursive: true });
  });
  const killed = (): string => {
    const { pid } = spawnSync('true');
    return JSON.stringify({ ...identifyProcess(process.pid), pid });
  };

  it('is removed by a later build when its own was killed, and not while that runs', async () => {
    const first = await makeWorkFolder(store);
    const second = await makeWorkFolder(store);
    expect([first, second].map(existsSync)).toEqual([true, true]);
    writeFileSync(join(first, 'owner.json'), killed());
    await makeWorkFolder(store);
    expect([first, second].map(existsSync)).toEqual([false, true]);
  });

  it('stays when it was left for a look', async () => {
    const work = await makeWorkFolder(store);
    writeFileSync(join(work, 'owner.json'), killed());
    await leaveWorkFolder(work);
    await makeWorkFolder(store);
    expect(existsSync(work)).toBe(true);
  });
});
