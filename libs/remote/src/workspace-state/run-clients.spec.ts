import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisProcess } from '@build-machines/state-hub';
import { forgetRunClients, openRunClient, runClients } from './run-clients.js';

describe('the clients of runs on record', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'w-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const seen = async () => (await runClients(root)).map(({ id, accepted, isDead }) => ({ id, accepted, isDead }));

  it('are there from before they ask until their run has ended', async () => {
    expect(await seen()).toEqual([]);
    const { id, ...client } = await openRunClient(root, 'one', 'app:build');
    expect(await runClients(root)).toMatchObject([{ id, machine: 'one', label: 'app:build', accepted: false }]);
    await client.accepted();
    expect(await seen()).toEqual([{ id, accepted: true, isDead: false }]);
    await client.end();
    expect(await seen()).toEqual([]);
  });

  it('count as dead when they went away before the end of their run', async () => {
    const { id, leave } = await openRunClient(root, 'one', 'app:build');
    await leave();
    expect(await seen()).toEqual([{ id, accepted: true, isDead: true }]);
    await forgetRunClients(root, await runClients(root));
    expect(await seen()).toEqual([]);
  });

  it('count as dead when their process is no more, and only where that can be known', async () => {
    const { id } = await openRunClient(root, 'one', 'app:build');
    const rewrite = (holder: object) => {
      const record = {
        id,
        machine: 'one',
        label: 'app:build',
        accepted: true,
        holder: { ...thisProcess(), ...holder },
      };
      writeFileSync(join(root, '.build-machines/run-clients', `${id}.json`), JSON.stringify(record));
    };
    rewrite({ started: '1' });
    expect(await seen()).toEqual([{ id, accepted: true, isDead: true }]);
    rewrite({ started: '1', host: 'another' });
    expect(await seen()).toEqual([{ id, accepted: true, isDead: false }]);
  });

  it('are not held up by a damaged record', async () => {
    const { id } = await openRunClient(root, 'one', 'app:build');
    writeFileSync(join(root, '.build-machines/run-clients/other.json'), '{');
    expect(await seen()).toEqual([{ id, accepted: false, isDead: false }]);
  });
});
