import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchedFolders } from './watched-folders.js';

describe('watched folders', () => {
  let root: string;
  let folders: WatchedFolders;
  let interruption: AbortController;
  const saved = () => folders.saved(interruption.signal);
  const write = (path: string): void => {
    writeFileSync(join(root, path), String(performance.now()));
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'watched-'));
    mkdirSync(join(root, 'src/deep'), { recursive: true });
    folders = new WatchedFolders(root);
    interruption = new AbortController();
  });
  afterEach(() => {
    folders.close();
    rmSync(root, { recursive: true });
  });

  it('tell of a save in each of them, also of one that nobody waited for', async () => {
    folders.cover(['.', 'src', 'src/deep']);
    await saved(); // What was there before counts as saved.
    for (const path of ['a', 'src/a', 'src/deep/a']) {
      write(path);
      await saved();
    }
    write('a');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await saved();
  });

  it('do not tell of folders that are covered no more, nor of folders below', async () => {
    folders.cover(['.', 'src', 'src/deep']);
    folders.cover(['.', 'src']);
    await saved();
    write('src/deep/a');
    const waited = saved();
    await new Promise((resolve) => setTimeout(resolve, 300));
    interruption.abort();
    await expect(waited).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('take a folder that is gone, and it when it is there again', async () => {
    folders.cover(['.', 'src', 'gone']);
    await saved();
    rmSync(join(root, 'src'), { recursive: true });
    await saved();
    folders.cover(['.']);
    mkdirSync(join(root, 'src'));
    await saved();
    folders.cover(['.', 'src']);
    await saved();
    write('src/a');
    await saved();
  });

  it('end a wait when it is interrupted', async () => {
    const waited = saved();
    interruption.abort();
    await expect(waited).rejects.toMatchObject({ name: 'AbortError' });
  });
});
