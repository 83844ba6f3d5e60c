import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyExample, edit } from './support/example.js';
import { journey } from './support/journey.js';
import { failed, isCacheHit, succeeded } from './support/nx-output.js';
import type { Ended } from './support/run-program.js';
import { nx, writeTree, type NxOptions, type Workspace } from './support/workspace.js';

const packages = ['banner', 'embed-text', 'greetings', 'hello-haskell', 'randomart'];

/** Labels of all runs that the machine has on record: each is one sync and one invocation of cabal. */
function runs({ workstation }: Workspace): string[] {
  const folder = join(workstation.state, 'sandboxes/sandbox/agent/state/runs');
  return readdirSync(folder).map((name) => {
    const record = JSON.parse(readFileSync(join(folder, name, 'record.json'), 'utf8')) as { label: string };
    return record.label.split(' ').sort().join(' ');
  });
}

const tasks = (...names: string[]): string => names.map((name) => `${name}:remote-build`).join(' ');

describe('a batch', () => {
  const workspace = journey({
    prepare: (workspace) => {
      copyExample(workspace);
      writeTree(workspace, { 'machines/sandbox/machine.yml': 'name: sandbox\nprovider: sandbox\nslots: 5\n' });
    },
  });
  const buildAll = (options: NxOptions = {}): Promise<Ended> =>
    nx(workspace(), ['run-many', '-t', 'remote-build', '--outputStyle=static'], options);
  /** The runs that an action adds. */
  const added = async (action: () => Promise<unknown>): Promise<string[]> => {
    const before = runs(workspace());
    await action();
    const after = runs(workspace());
    for (const label of before) after.splice(after.indexOf(label), 1);
    return after;
  };

  it('builds all packages with one sync and one invocation of cabal', async () => {
    expect(await added(async () => succeeded(await buildAll()))).toEqual([tasks(...packages)]);
  });

  it('is not needed for packages that nothing changed in', async () => {
    const again = await added(async () => {
      const ended = succeeded(await buildAll());
      expect(packages.filter((name) => isCacheHit(ended, `${name}:remote-build`))).toEqual(packages);
    });
    expect(again).toEqual([]);
  });

  it('fails for the package that fails and for what depends on it; the others are done, and hits the next time', async () => {
    edit(workspace(), 'embed-text/src/EmbedText.hs', 'module EmbedText', 'modul EmbedText');
    edit(workspace(), 'greetings/src/Greetings.hs', 'module Greetings', '-- changed\nmodule Greetings');
    failed(await buildAll());
    const again = failed(await buildAll());
    const hits = packages.filter((name) => isCacheHit(again, `${name}:remote-build`));
    expect(hits).toEqual(['greetings', 'randomart']);
    edit(workspace(), 'embed-text/src/EmbedText.hs', 'modul EmbedText', 'module EmbedText');
    const repaired = succeeded(await buildAll());
    expect(isCacheHit(repaired, 'greetings:remote-build')).toBe(true);
  });

  it('shows under the only task of a run what failed in a package that it needs', async () => {
    edit(workspace(), 'greetings/src/Greetings.hs', 'english :: Phrasebook', 'english :: Int');
    const ended = failed(await nx(workspace(), ['run', 'hello-haskell:remote-test']));
    expect(ended.exitCode).toBe(1);
    expect(ended.output).toMatch(/src\/Greetings\.hs:\d+:\d+: error:[^]*Couldn't match/);
    expect(ended.output).not.toMatch(/Successfully ran|skipped/);
    edit(workspace(), 'greetings/src/Greetings.hs', 'english :: Int', 'english :: Phrasebook');
  });

  it('can be switched off: then each package has a run of its own', async () => {
    edit(workspace(), 'randomart/randomart.cabal', 'synopsis:', '-- changed\nsynopsis:');
    const single = await added(async () => succeeded(await buildAll({ env: { NX_BATCH_MODE: 'false' } })));
    expect(single.sort()).toEqual(packages.map((name) => tasks(name)));
  });

  it('can be switched off: then runs that begin at the same time still send each content once', async () => {
    // Large, so that all runs have begun before the first has sent its own; hello-haskell needs the others.
    const large = packages.slice(0, 3).map((name) => [`${name}/large.bin`, randomBytes(15_000_000)]);
    writeTree(workspace(), Object.fromEntries(large));
    edit(workspace(), 'randomart/randomart.cabal', 'synopsis:', '-- once more\nsynopsis:');
    const args = ['run-many', '-t', 'remote-build', '--outputStyle=static', '--parallel=5'];
    const { output } = succeeded(await nx(workspace(), args, { env: { NX_BATCH_MODE: 'false' } }));
    const sent = [...output.matchAll(/Sending (\d+) files? \(/g)].map(([, files]) => Number(files));
    expect(sent.length).toBeGreaterThanOrEqual(packages.length);
    expect(sent.reduce((sum, files) => sum + files, 0)).toBe(large.length + 1);
  });
});
