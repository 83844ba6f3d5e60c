import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TreeEntry } from '@build-machines/protocol';
import { readKnownManifest, recordKnownScope, recordReceived } from './known-manifest.js';
import { workspaceState, type WorkspaceState } from './workspace-state.js';

const WORKSPACE = '7b0c5f0e-3b1a-4c11-9f5e-0c8a57a1b001';
const digest = (letter: string): string => letter.repeat(64);
const file = (path: string, letter: string): TreeEntry => ({
  kind: 'file',
  path,
  size: 1,
  sha256: digest(letter),
  mode: 0o644,
});

let root: string;
let state: WorkspaceState;
const read = () => readKnownManifest(state, 'box', WORKSPACE);
const applied = (folder: string, ...entries: TreeEntry[]) =>
  recordKnownScope(state, 'box', WORKSPACE, { scope: { roots: [folder], files: [] }, entries });
const received = (...letters: string[]) => recordReceived(state, 'box', WORKSPACE, new Set(letters.map(digest)));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'known-'));
  state = workspaceState(root);
  await mkdir(state.folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('what a machine is known to hold', () => {
  it('is nothing before it was told, and after the file was removed', async () => {
    expect(await read()).toBeUndefined();
    await applied('a', file('a/x', '1'));
    expect(await read()).toBeDefined();
    await rm(state.knownManifestFile('box'));
    expect(await read()).toBeUndefined();
  });

  it('is nothing of another workspace, whose state folder was copied', async () => {
    await applied('a', file('a/x', '1'));
    expect(await readKnownManifest(state, 'box', '00000000-0000-4000-8000-000000000000')).toBeUndefined();
  });

  it('changes in the scope that was applied only', async () => {
    await applied('a', file('a/x', '1'), file('a/y', '2'));
    await applied('b', file('b/x', '3'));
    await applied('a', file('a/x', '4'));
    expect((await read())?.entries).toEqual([file('b/x', '3'), file('a/x', '4')]);
  });

  it('holds what has arrived, until it is in the mirror', async () => {
    await applied('a', file('a/x', '1'));
    await received('1', '2', '3');
    expect((await read())?.received).toEqual([digest('2'), digest('3')]);
    await applied('b', file('b/x', '2'));
    expect((await read())?.received).toEqual([digest('3')]);
  });

  it('is parsed once as long as the file stays', async () => {
    await applied('a', file('a/x', '1'));
    const first = await read();
    expect(await read()).toBe(first);
    await received('2');
    expect(await read()).not.toBe(first);
  });
});
