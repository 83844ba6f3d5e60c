import { makeTemporaryFolderSync, removeTemporaryFolder } from '@build-machines/owned-files';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TemporaryFolders } from './temporary-folders.js';

describe('the temporary folder of a run', () => {
  let state: string;
  let folders: TemporaryFolders;
  const warnings: string[] = [];
  const logger = { info: () => undefined, warn: (text: string) => warnings.push(text), error: () => undefined };

  beforeEach(() => {
    state = makeTemporaryFolderSync(join(tmpdir(), 'bm-state-'));
    folders = new TemporaryFolders(join(state, 'tmp'), logger);
  });
  afterEach(() => removeTemporaryFolder(state));

  it('has room for the path of a socket below it, wherever the state folder is; it is empty, and private', async () => {
    const { path, remove } = await folders.make('a');
    expect(path.length).toBeLessThan(20);
    expect(readdirSync(path)).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    await remove();
  });

  it('goes with all that the run left in it, also where that is write-protected', async () => {
    const { path, remove } = await folders.make('a');
    mkdirSync(join(path, 'closed'));
    writeFileSync(join(path, 'closed/file'), '');
    chmodSync(join(path, 'closed'), 0o500);
    await remove();
    expect(existsSync(dirname(path))).toBe(false);
    expect(readdirSync(join(state, 'tmp'))).toEqual([]);
  });

  it('goes at the next start, where the agent was killed', async () => {
    const { path } = await folders.make('a');
    await new TemporaryFolders(join(state, 'tmp'), logger).removeLeft();
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('stays where another program has made a folder of its name since', async () => {
    const foreign = mkdtempSync('/tmp/bm-');
    mkdirSync(join(state, 'tmp'));
    writeFileSync(join(state, 'tmp/a'), foreign);
    writeFileSync(join(state, 'tmp/b'), '/');
    mkdirSync(join(state, 'tmp/folder-of-an-earlier-release'));
    await folders.removeLeft();
    expect(existsSync(foreign)).toBe(true);
    expect(readdirSync(join(state, 'tmp'))).toEqual([]);
    expect(warnings).toEqual([]);
    rmSync(foreign, { recursive: true });
  });
});
