import type { Task } from '@nx/devkit';
import { linksCommand, nxHashOf, type TaskPlan, type TaskPlanner } from '@build-machines/sources';
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
const hashed = { 'app:sources': '1', [`runtime:${linksCommand(['app'])}`]: '1', 'runtime:date': '1', 'env:TERM': '1' };
const plan = (more: Partial<TaskPlan> = {}): TaskPlan => ({
  parts: hashed,
  files,
  links: new Map(),
  executables: new Set(),
  hashes: new Map(files.map((path) => [path, nxHashOf(Buffer.from('hashed')) ?? ''])),
  isPartlyUnhashed: false,
  ...more,
});

/** @param newer what the graph that Nx has kept last leads to; default: the same. */
async function sent(
  found: TaskPlan,
  { after = hashed, newer = found, ...more }: Partial<SourcesOf> & { after?: object; newer?: TaskPlan } = {},
) {
  const notes: string[] = [];
  const task = { id: 'app:remote-build', hashDetails: { nodes: hashed } } as unknown as Task;
  const of = { plan: { task, env: {} }, isKept: true, folders: ['app'], required: ['cabal.project'], ...more };
  const planning = (plans: TaskPlan) => ({
    state: { root },
    plan: () => Promise.resolve([plans]),
    partsNow: () => Promise.resolve([after]),
  });
  const planner = { ...planning(found), renewed: () => Promise.resolve(planning(newer)) };
  const sources = new TaskSources([of], planner as unknown as TaskPlanner, (text) => notes.push(text));
  const { entries } = await sources.list(new AbortController().signal);
  return { paths: entries.map(({ path }) => path), notes };
}

const changed = { code: 'sources-changed', message: expect.stringContaining('app:remote-build') as string };

describe('what is sent for a task', () => {
  it('is what Nx hashes', async () => {
    expect(await sent(plan())).toEqual({ paths: files, notes: [] });
  });

  it.each([
    ['Nx would hash something else now', plan({ parts: { ...hashed, 'app:sources': '2' } }), {}],
    ['there is one part more', plan({ parts: { ...hashed, 'more:sources': '1' } }), {}],
    ['there is one part less', plan({ parts: {} }), {}],
    [
      'links or modes changed while they were read',
      plan({ isPartlyUnhashed: true }),
      { after: { ...hashed, [`runtime:${linksCommand(['app'])}`]: '2' } },
    ],
  ])('must be what was hashed: not where %s', async (_why, found, more) => {
    await expect(sent(found, more)).rejects.toMatchObject(changed);
  });

  it('is planned once more by the newest graph, by which the daemon of Nx may have hashed', async () => {
    const stale = plan({ parts: { ...hashed, 'app:sources': '2' } });
    expect((await sent(stale, { newer: plan() })).paths).toEqual(files);
  });

  it('must be what was hashed: not where a content is another one, although Nx believes that the file did not change', async () => {
    writeFileSync(join(root, 'app/Main.hs'), 'edited');
    await expect(sent(plan())).rejects.toMatchObject({
      ...changed,
      message: expect.stringMatching(/written last: app\/Main.hs/) as string,
    });
  });

  it('must be what was hashed: not where a file is gone', async () => {
    rmSync(join(root, 'app/Main.hs'));
    await expect(sent(plan())).rejects.toMatchObject({
      ...changed,
      message: expect.stringContaining('app/Main.hs (removed)') as string,
    });
  });

  it("may come with other values of a user's runtime inputs and variables: those are not sent", async () => {
    const parts = { ...hashed, 'runtime:date': '2', 'env:TERM': '2' };
    expect((await sent(plan({ parts }))).paths).toEqual(files);
  });

  it('may be anything for a task whose result Nx does not keep', async () => {
    const found = plan({ parts: { 'app:sources': '2' } });
    expect((await sent(found, { isKept: false })).paths).toEqual(files);
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
