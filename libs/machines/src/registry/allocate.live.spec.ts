import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { builtProgram } from '@build-machines/testing';
import { readPortRegistry } from './read.js';

describe('processes that allocate at the same time', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'reg-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('get different ports', async () => {
    await writeFile(
      join(root, 'port-registry.yml'),
      'range: { first: 30001, last: 30020 }\nservices: { relay: 30000, hub: 30002 }\nmachines: {}\n',
    );
    const names = ['m-a', 'm-b', 'm-c', 'm-d', 'm-e', 'm-f'];
    const program = builtProgram('allocate.cjs');
    const results = await Promise.all(names.map((name) => execa(process.execPath, [program, root, name])));
    const given = Object.fromEntries(names.map((name, index) => [name, Number(results[index]!.stdout)]));
    expect(new Set(Object.values(given)).size).toBe(names.length);
    expect((await readPortRegistry(root)).machines).toEqual(given);
  });
});
