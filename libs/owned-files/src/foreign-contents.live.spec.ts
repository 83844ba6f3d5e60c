import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasForeignContents } from './foreign-contents.js';
import { MARKER_NAME } from './marker.js';
import { OwnedFolder } from './owned-folder.js';

let root: string;
let folder: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'foreign-'));
  folder = join(root, 'dist/app');
  const owned = await OwnedFolder.claim(folder, { madeFor: 'the artifacts of app' });
  await owned.writeFiles({ 'bin/app': 'app' });
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('what is removed with a folder', () => {
  it('is ours when it is what we put there, and when nothing is there', async () => {
    await expect(hasForeignContents(root, folder)).resolves.toBe(false);
    await expect(hasForeignContents(root, join(root, 'dist/other'))).resolves.toBe(false);
    const link = join(realpathSync(tmpdir()), `foreign-link-${process.pid}`);
    symlinkSync(root, link);
    try {
      await expect(hasForeignContents(link, join(link, 'dist/app'))).resolves.toBe(false);
    } finally {
      rmSync(link);
    }
  });

  it.each<readonly [string, () => void, string]>([
    ['a file of the user', () => writeFileSync(join(folder, 'bin/mine'), ''), 'dist/app'],
    ['a folder of the user', () => mkdirSync(join(folder, 'mine')), 'dist/app'],
    ['a folder with a name like ours', () => mkdirSync(join(folder, '.build-machines-notes')), 'dist/app'],
    ['a folder without a marker', () => rmSync(join(folder, MARKER_NAME)), 'dist/app'],
    [
      'a folder with a pipe as its marker',
      () => (rmSync(join(folder, MARKER_NAME)), execFileSync('mkfifo', [join(folder, MARKER_NAME)])),
      'dist/app',
    ],
    ['a link to a folder of ours', () => symlinkSync('app', join(root, 'dist/link')), 'dist/link'],
    ['what is behind a link', () => symlinkSync('dist', join(root, 'link')), 'link/app'],
    ['what would be behind a link', () => symlinkSync('dist', join(root, 'link')), 'link/other'],
    ['what is behind a link to itself', () => symlinkSync('loop', join(root, 'loop')), 'loop/app'],
    ['what is below a file', () => undefined, 'dist/app/bin/app/x'],
    ['what has too long a name', () => undefined, `dist/${'a'.repeat(300)}`],
  ])('is not ours when it is %s', async (_, prepare, path) => {
    prepare();
    await expect(hasForeignContents(root, join(root, path))).resolves.toBe(true);
  });
});
