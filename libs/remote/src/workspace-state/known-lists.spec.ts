import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { treeDigest, type TreeEntry } from '@build-machines/protocol';
import { knownLists, readList, rememberList } from './known-lists.js';
import { ensureWorkspaceState, type WorkspaceState } from './workspace-state.js';

const WORKSPACE = '7b0c5f0e-3b1a-4c11-9f5e-0c8a57a1b001';
const file = (path: string): TreeEntry => ({ kind: 'file', path, size: 1, sha256: 'a'.repeat(64), mode: 0o644 });
const list = (...paths: string[]) => {
  const entries = paths.map(file);
  return { entries, digest: treeDigest(entries) };
};

let root: string;
let state: WorkspaceState;
const remember = (label: string, ...paths: string[]) => rememberList(state, 'box', WORKSPACE, label, list(...paths));
const known = async () => (await knownLists(state, 'box', WORKSPACE)).map(({ label, digest }) => [label, digest]);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'known-'));
  state = await ensureWorkspaceState(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the lists that a machine is known to remember', () => {
  it('are the last one of each label, the latest first', async () => {
    expect(await known()).toEqual([]);
    await remember('a:build', 'a');
    await remember('b:build', 'b');
    await remember('a:build', 'a', 'c');
    expect(await known()).toEqual([
      ['a:build', list('a', 'c').digest],
      ['b:build', list('b').digest],
    ]);
    expect(await readList(state, list('a', 'c').digest)).toEqual(list('a', 'c').entries);
  });

  it('are none after the file was removed or damaged, nor of another workspace or machine', async () => {
    await remember('a:build', 'a');
    expect(await knownLists(state, 'box', '00000000-0000-4000-8000-000000000000')).toEqual([]);
    expect(await knownLists(state, 'other', WORKSPACE)).toEqual([]);
    await writeFile(state.knownListsFile('box'), '{"version":2,');
    expect(await known()).toEqual([]);
    await rm(state.knownListsFile('box'));
    expect(await known()).toEqual([]);
  });

  it('have no entries once these are removed, or are not those of the digest', async () => {
    await remember('a:build', 'a');
    const { digest } = list('a');
    await remember('b:build', 'b');
    await copyFile(join(state.listsFolder, `${list('b').digest}.json`), join(state.listsFolder, `${digest}.json`));
    expect(await readList(state, digest)).toBeUndefined();
    await rm(join(state.listsFolder, `${digest}.json`));
    expect(await readList(state, digest)).toBeUndefined();
  });

  it('are bounded in number, and so are their entries on disk', async () => {
    for (let n = 0; n < 140; n++) await remember(`${String(n)}:build`, `file${String(n)}`);
    expect((await known()).map(([label]) => label)).toEqual(
      Array.from({ length: 64 }, (_, n) => `${String(139 - n)}:build`),
    );
    expect(await readdir(state.listsFolder)).toHaveLength(128);
    expect(await readList(state, list('file139').digest)).toBeDefined();
  });
});
