import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceId } from './workspace-id.js';
import { workspaceState } from './workspace-state.js';

describe('the identity of a workspace', () => {
  let folder: string;
  let root: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bmi-'));
    root = await mkdtemp(join(folder, 'w-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, whoever asks at the same time, and never committed', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => workspaceId(root)));
    expect(new Set(ids).size).toBe(1);
    expect(await workspaceId(root)).toBe(ids[0]);
    expect(await readFile(join(workspaceState(root).folder, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('stays with a workspace that moves, and is not shared with a copy', async () => {
    const id = await workspaceId(root);
    const moved = join(folder, 'moved');
    await rename(root, moved);
    expect(await workspaceId(moved)).toBe(id);
    const copy = join(folder, 'copy');
    await cp(moved, copy, { recursive: true });
    const copied = await workspaceId(copy);
    expect(copied).not.toBe(id);
    expect([await workspaceId(moved), await workspaceId(copy)]).toEqual([id, copied]);
  });

  it('is made anew when its record is damaged', async () => {
    const id = await workspaceId(root);
    await writeFile(workspaceState(root).identityFile, '{"id":');
    expect(await workspaceId(root)).not.toBe(id);
  });
});
