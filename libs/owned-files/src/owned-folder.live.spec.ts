import { builtProgram } from '@build-machines/testing';
import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MARKER_NAME } from './marker.js';
import { OwnedFolder } from './owned-folder.js';
import { snapshot } from './testing/snapshot.js';

const claim = { madeFor: 'the artifacts of app' };
let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'owned-'));
  folder = join(root, 'dist/app');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const makePipe = (path: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  execFileSync('mkfifo', [join(root, path)]);
};
const write = async (files: Record<string, string>): Promise<void> => {
  await (await OwnedFolder.claim(folder, claim)).writeFiles(files);
};
/** The files in the folder, without the marker. */
const files = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== MARKER_NAME)
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );

describe('claiming a folder', () => {
  it('makes one, adopts an empty one, opens one of the same owner', async () => {
    await OwnedFolder.claim(folder, claim);
    mkdirSync(join(root, 'empty'));
    await OwnedFolder.claim(join(root, 'empty'), claim);
    expect((await OwnedFolder.claim(folder, claim)).files).toEqual([]);
  });

  it.each([
    ['with contents', () => put('dist/app/mine', 'x'), 'folder-not-ours'],
    ['with a folder', () => mkdirSync(join(root, 'dist/app/mine'), { recursive: true }), 'folder-not-ours'],
    ['that is a file', () => put('dist/app', 'x'), 'not-a-folder'],
    ['below a file', () => put('dist', 'x'), 'not-a-folder'],
    [
      'that is a link',
      () => (mkdirSync(join(root, 'dist')), symlinkSync('..', join(root, 'dist/app'))),
      'not-a-folder',
    ],
    ['with a marker of another kind', () => put(`dist/app/${MARKER_NAME}`, '{}'), 'folder-marker-damaged'],
    ['with a folder as its marker', () => put(`dist/app/${MARKER_NAME}/x`, ''), 'folder-marker-damaged'],
    ['with a pipe as its marker', () => makePipe(`dist/app/${MARKER_NAME}`), 'folder-marker-damaged'],
    [
      'with a link as its marker',
      () => (mkdirSync(folder, { recursive: true }), symlinkSync('/dev/zero', join(folder, MARKER_NAME))),
      'folder-marker-damaged',
    ],
    [
      'with a marker that lists files outside',
      () => put(`dist/app/${MARKER_NAME}`, JSON.stringify({ ...claim, files: ['../mine'], folders: [] })),
      'folder-marker-damaged',
    ],
    [
      'of another owner',
      () => put(`dist/app/${MARKER_NAME}`, JSON.stringify({ madeFor: 'x', files: [], folders: [] })),
      'folder-of-another',
    ],
  ])('refuses one %s, and changes nothing', async (_, prepare, code) => {
    prepare();
    const before = snapshot(root);
    await expect(OwnedFolder.claim(folder, claim)).rejects.toMatchObject({ code });
    expect(snapshot(root)).toEqual(before);
  });

  it('adopts one without a marker that holds what earlier releases wrote, and nothing else', async () => {
    put('dist/app/log.txt', 'old');
    await OwnedFolder.requireClaimable(folder, { ...claim, formerFiles: ['log.txt'] });
    const owned = await OwnedFolder.claim(folder, { ...claim, formerFiles: ['log.txt'] });
    await owned.writeFiles({ 'log.txt': 'new' });
    expect(files()).toEqual({ 'log.txt': 'new' });
  });

  it('has one winner of many at once', async () => {
    const claims = Array.from({ length: 20 }, (_, index) => OwnedFolder.claim(folder, { madeFor: String(index % 2) }));
    const ended = await Promise.allSettled(claims);
    const winners = ended.flatMap((end, index) => (end.status === 'fulfilled' ? [index % 2] : []));
    expect(winners).toHaveLength(10);
    expect(new Set(winners).size).toBe(1);
  });
});

describe('an owned folder', () => {
  it('holds the new files and no old ones, and no folder that they left empty', async () => {
    await write({ 'a/b/c': '1', d: '2' });
    await write({ 'd/e': '3', f: '4' });
    expect(files()).toEqual({ 'd/e': '3', f: '4' });
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });

  it('keeps what only begins like our own names', async () => {
    await write({ ours: '1' });
    put('dist/app/.build-machines-notes/mine', 'mine');
    await write({ ours: '2' });
    expect(files()).toEqual({ ours: '2', '.build-machines-notes/mine': 'mine' });
  });

  it('keeps files and folders of the user', async () => {
    await write({ 'a/ours': '1', 'b/ours': '1' });
    put('dist/app/a/mine', 'mine');
    mkdirSync(join(folder, 'mine'));
    await write({ 'c/ours': '2' });
    expect(files()).toEqual({ 'a/mine': 'mine', 'c/ours': '2' });
    expect(existsSync(join(folder, 'mine'))).toBe(true);
    expect(existsSync(join(folder, 'b'))).toBe(false);
  });

  it.each([
    ['a file', () => put('dist/app/x', 'mine')],
    ['a folder', () => put('dist/app/x/mine', 'mine')],
    ['a link', () => symlinkSync('../../secret', join(folder, 'x'))],
    ['a link that leads nowhere', () => symlinkSync('nowhere', join(folder, 'x'))],
  ])('has no file put over %s of the user: all stays as it was', async (_, prepare) => {
    put('secret', 'secret');
    await write({ a: '1', 'b/c': '1' });
    prepare();
    const before = snapshot(root);
    await expect(write({ a: '2', 'n/e/w': '2', x: '2' })).rejects.toMatchObject({ code: 'file-not-ours' });
    expect(snapshot(root)).toEqual(before);
  });

  it('has nothing written or removed through a link that replaced one of its folders', async () => {
    await write({ 'a/b': '1' });
    put('secret/b', 'secret');
    rmSync(join(folder, 'a'), { recursive: true });
    symlinkSync(join(root, 'secret'), join(folder, 'a'));
    const before = snapshot(root);
    await expect(write({ 'a/b': '2' })).rejects.toMatchObject({ code: 'file-not-ours' });
    expect(snapshot(root)).toEqual(before);
    await write({ c: '2' });
    expect(readFileSync(join(root, 'secret/b'), 'utf8')).toBe('secret');
  });

  it.each(['../x', '/x', 'a/../../x', '', MARKER_NAME])('refuses the name %j', async (name) => {
    await expect(write({ [name]: 'x' })).rejects.toThrow();
  });

  it('has its old or its new files after a crash at any system call, and heals', async () => {
    await write({ 'a/b': 'old', c: 'old', 'd/e': 'old' });
    put('dist/app/a/mine', 'mine');
    const whole = join(root, 'whole');
    cpSync(folder, whole, { recursive: true });
    const script = builtProgram('write-and-crash.cjs');
    let tried = 0;
    for (let calls = 0, ended = false; !ended; calls++) {
      rmSync(folder, { recursive: true });
      cpSync(whole, folder, { recursive: true });
      ended = spawnSync(process.execPath, [script, folder, claim.madeFor, String(calls)]).stdout.toString() === 'ended';
      const found = Object.entries(files()).filter(([path]) => !path.startsWith('.build-machines-'));
      for (const [path, text] of found)
        expect([path, text]).toEqual([path, path === 'a/mine' ? 'mine' : expect.stringMatching(/^(old|new)$/)]);
      const owned = await OwnedFolder.claim(folder, claim);
      for (const path of ['a/b', 'c', 'd/e'])
        if (owned.files.includes(path))
          expect([calls, path, existsSync(join(folder, path))]).toEqual([calls, path, true]);
      await owned.writeFiles({ 'a/b': 'new', f: 'new' });
      expect(files()).toEqual({ 'a/b': 'new', 'a/mine': 'mine', f: 'new' });
      expect(calls).toBeLessThan(200);
      tried = calls;
    }
    expect(tried).toBeGreaterThan(15);
  });

  /** What a user may do in the folder. @returns false where something else is there. */
  const add = (path: string, kind: string): boolean => {
    const full = join(folder, path);
    try {
      mkdirSync(kind === 'folder' ? full : dirname(full), { recursive: true });
      if (kind === 'folder') writeFileSync(join(full, 'mine'), 'mine', { flag: 'wx' });
      else if (kind === 'file') writeFileSync(full, 'mine', { flag: 'wx' });
      else symlinkSync(join(root, 'beside'), full);
      return true;
    } catch {
      return false;
    }
  };

  it('changes nothing but its own files, whatever comes', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'a/x', 'a/y', 'b/x', 'b/x/z', 'ü n/*', 'c/[d]');
    const tree = fc.dictionary(name, fc.constantFrom('1', '2'), { maxKeys: 5 });
    const users = fc.array(fc.tuple(name, fc.constantFrom('file', 'folder', 'link')), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(tree, users), { minLength: 1, maxLength: 4 }), async (rounds) => {
        rmSync(join(root, 'dist'), { recursive: true, force: true });
        put('beside/x', 'beside');
        const mine = new Map<string, string>();
        for (const [wanted, additions] of rounds) {
          const outside = snapshot(join(root, 'beside'));
          const before = existsSync(folder) ? snapshot(folder) : undefined;
          const failed = await write(wanted).then(
            () => false,
            () => true,
          );
          const after = existsSync(folder) ? snapshot(folder) : {};
          for (const [path, seen] of mine) expect([path, after[path]]).toEqual([path, seen]);
          if (failed && before !== undefined) expect(after).toEqual(before);
          expect(snapshot(join(root, 'beside'))).toEqual(outside);
          for (const [path, kind] of additions) {
            if (!add(path, kind)) continue;
            const seen = snapshot(folder);
            const at = kind === 'folder' ? `${path}/mine` : path;
            // What was made behind a link is not in the folder.
            if (seen[at] !== undefined) mine.set(at, seen[at]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
