import type { Task } from '@nx/devkit';
import { nxHashOf, type TaskPlan, type TaskPlanner } from '@build-machines/sources';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SourcesOf, TaskSources } from './task-sources.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sources-'));
  mkdirSync(join(root, 'app'));
  for (const path of ['cabal.project', 'app/app.cabal', 'app/Main.hs']) writeFileSync(join(root, path), 'hashed');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const files = ['app/Main.hs', 'app/app.cabal', 'cabal.project'];
const plan = (more: Partial<TaskPlan> = {}): TaskPlan => ({
  hash: '1',
  parts: {},
  files,
  links: new Map(),
  executables: new Set(),
  hashes: new Map(files.map((path) => [path, nxHashOf(Buffer.from('hashed')) ?? ''])),
  isPartlyUnhashed: false,
  ...more,
});

async function sent(found: TaskPlan, { after = ['1'], ...more }: Partial<SourcesOf> & { after?: string[] } = {}) {
  const notes: string[] = [];
  const task = {
    plan: { task: { id: 'app:remote-build' } as Task, env: {} },
    hash: '1',
    folders: ['app'],
    required: ['cabal.project'],
    ...more,
  };
  const planner = { state: { root }, plan: () => Promise.resolve([found]), hashNow: () => Promise.resolve(after) };
  const sources = new TaskSources([task], planner as unknown as TaskPlanner, (text) => notes.push(text));
  const { entries } = await sources.list(new AbortController().signal);
  return { changed: sources.hasChanged(task), paths: entries.map(({ path }) => path), notes };
}

describe('what is sent for a task', () => {
  it('is what Nx hashes, and as it was hashed', async () => {
    expect(await sent(plan())).toEqual({ changed: false, paths: files, notes: [] });
  });

  it('is also as it was hashed where our hasher has added something to the hash', async () => {
    expect((await sent(plan(), { hash: '1-5e8f' })).changed).toBe(false);
  });

  it.each([
    ['Nx would hash the task to something else now', plan({ hash: '2' }), {}],
    ['links or modes changed while they were read', plan({ isPartlyUnhashed: true }), { after: ['2'] }],
  ])('is not what was hashed when %s', async (_why, found, more) => {
    expect((await sent(found, more)).changed).toBe(true);
  });

  it('is not what was hashed when a content is another one, although Nx believes that the file did not change', async () => {
    writeFileSync(join(root, 'app/Main.hs'), 'edited');
    expect((await sent(plan())).changed).toBe(true);
  });

  it('is not what was hashed when a file is gone', async () => {
    rmSync(join(root, 'app/Main.hs'));
    expect((await sent(plan())).changed).toBe(true);
  });

  it('is not compared for a task whose result Nx does not keep', async () => {
    expect((await sent(plan({ hash: '2' }), { hash: undefined })).changed).toBe(false);
  });

  it('says once which links are not sent', async () => {
    const { notes } = await sent(plan({ links: new Map([['app/out', '../../elsewhere']]) }));
    expect(notes).toEqual(['Not sent, because they lead out of the workspace: app/out']);
  });

  it('must have what the command cannot do without', async () => {
    await expect(sent(plan(), { required: ['cabal.project', 'lib/lib.cabal'] })).rejects.toMatchObject({
      code: 'inputs-incomplete',
      message: expect.stringContaining('lib/lib.cabal') as string,
    });
  });

  it('must have files of each package: a folder without any is more likely an accident', async () => {
    await expect(sent(plan(), { folders: ['app', 'gone'] })).rejects.toMatchObject({ code: 'source-folder-empty' });
  });
});
