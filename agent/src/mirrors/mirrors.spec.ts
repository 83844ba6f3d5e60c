import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { compareTreePaths, treeDigest, type ReusedOutputs, type TreeEntry } from '@build-machines/protocol';
import { scanTree } from '../testing/scan-tree.js';
import { complete, difference, syncWorkspace, WORKSPACE } from '../testing/sync-workspace.js';
import { tarOf } from '../testing/framed-request.js';
import { admitSync } from './admit-sync.js';
import { Mirrors } from './mirrors.js';
import { parkedName } from './step.js';

let folder: string;
let source: string;
let mirrors: Mirrors;
let now: number;

const openMirrors = (checkpoint?: (point: string) => void): Promise<Mirrors> =>
  Mirrors.open({ stateDir: join(folder, 'state'), atticBytes: 1e8, now: () => now, checkpoint });

beforeEach(async () => {
  folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-mirror-'));
  source = join(folder, 'workspace');
  mkdirSync(source);
  now = Date.now();
  mirrors = await openMirrors();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (path: string, content: string, mode = 0o644): void => {
  mkdirSync(dirname(join(source, path)), { recursive: true });
  writeFileSync(join(source, path), content);
  chmodSync(join(source, path), mode);
};
const remove = (path: string): void => {
  rmSync(join(source, path), { recursive: true, force: true });
};
const root = async (workspace = WORKSPACE): Promise<string> => (await mirrors.open(workspace)).root;
const inMirror = async (path: string): Promise<string> => join(await root(), path);
const sorted = (entries: readonly TreeEntry[]): TreeEntry[] => [...entries].sort(compareTreePaths);
const expectTree = async (entries: readonly TreeEntry[]): Promise<void> => {
  expect(sorted(scanTree(await root()))).toEqual(sorted(entries));
};
const expectSame = async (): Promise<void> => {
  expect(sorted(scanTree(await root()))).toEqual(sorted(scanTree(source)));
};

describe('a mirror', () => {
  it('holds the workspace after a first sync', async () => {
    write('app/Main.hs', 'main = pure ()\n');
    write('bin/run me.sh', '#!/bin/sh\n', 0o755);
    write('ünï/c ode\nline', 'x');
    symlinkSync('../app/Main.hs', join(source, 'bin/link'));
    symlinkSync('loop', join(source, 'loop'));
    await syncWorkspace(mirrors, source);
    await expectSame();
  });

  it('receives only what changed, and knows the rest', async () => {
    write('a', '1');
    write('b', '2');
    await syncWorkspace(mirrors, source);
    const before = scanTree(source);
    write('b', '3');
    const { sent } = await syncWorkspace(mirrors, source, { sync: difference(before, scanTree(source)) });
    expect(sent).toBe(1);
    await expectSame();
  });

  it('sends nothing when a workspace goes back to a branch it had before', async () => {
    write('a', 'on main');
    await syncWorkspace(mirrors, source);
    write('a', 'on the branch');
    await syncWorkspace(mirrors, source);
    write('a', 'on main');
    expect((await syncWorkspace(mirrors, source)).sent).toBe(0);
    await expectSame();
  });

  it('takes contents from another workspace of the same user, never from another user', async () => {
    write('a', 'shared content');
    await syncWorkspace(mirrors, source);
    const other = { id: '7b0c5f0e-3b1a-4c11-9f5e-0c8a57a1b002', user: 'ada' };
    expect((await syncWorkspace(mirrors, source, { workspace: other })).sent).toBe(0);
    const stranger = { id: WORKSPACE.id, user: 'eve' };
    expect((await syncWorkspace(mirrors, source, { workspace: stranger })).sent).toBe(1);
  });

  it('keeps build products, also in a folder whose sources are all gone', async () => {
    write('p/src/A.hs', 'a');
    await syncWorkspace(mirrors, source);
    mkdirSync(await inMirror('p/dist-newstyle'), { recursive: true });
    writeFileSync(await inMirror('p/dist-newstyle/object'), 'o');
    remove('p');
    await syncWorkspace(mirrors, source);
    expect(scanTree(await root()).map(({ path }) => path)).toEqual(['p/dist-newstyle/object']);
    expect(existsSync(await inMirror('p/src'))).toBe(false);
  });

  it('lets a source file take the place of build products, since builds can make those again', async () => {
    write('x/A.hs', 'a');
    await syncWorkspace(mirrors, source);
    writeFileSync(await inMirror('x/A.o'), 'object');
    remove('x');
    write('x', 'now a file');
    await syncWorkspace(mirrors, source);
    await expectSame();
  });

  it('repairs what a build changed, from content it still knows', async () => {
    write('a', 'original');
    write('copy', 'original');
    write('dir/c', 'c');
    await syncWorkspace(mirrors, source);
    writeFileSync(await inMirror('a'), 'scribble');
    chmodSync(await inMirror('copy'), 0o600);
    await syncWorkspace(mirrors, source);
    await expectSame();
  });

  it('asks for the content of a changed file that it knows nowhere else, and is untouched until then', async () => {
    write('a', 'original');
    await syncWorkspace(mirrors, source);
    writeFileSync(await inMirror('a'), 'scribble');
    await expect(syncWorkspace(mirrors, source)).rejects.toMatchObject({ code: 'content-missing' });
    expect(readFileSync(await inMirror('a'), 'utf8')).toBe('scribble');
  });

  it('gives a changed file a time later than before and than any build, and leaves others untouched', async () => {
    write('a', '1');
    write('same', 's');
    await syncWorkspace(mirrors, source);
    const mirror = await mirrors.open(WORKSPACE);
    const untouched = statSync(await inMirror('same')).mtimeMs;
    now += 5000;
    await mirror.buildEnded();
    now -= 3_600_000;
    write('a', '2');
    utimesSync(join(source, 'a'), new Date(0), new Date(0));
    await syncWorkspace(mirrors, source);
    expect(statSync(await inMirror('a')).mtimeMs).toBeGreaterThan(now + 3_600_000);
    expect(statSync(await inMirror('same')).mtimeMs).toBe(untouched);
  });

  it('never writes through a link that a build made in place of a folder', async () => {
    write('d/a', '1');
    await syncWorkspace(mirrors, source);
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'a'), 'precious');
    rmSync(await inMirror('d'), { recursive: true });
    symlinkSync(outside, await inMirror('d'));
    write('d/a', '2');
    await syncWorkspace(mirrors, source);
    expect(readFileSync(join(outside, 'a'), 'utf8')).toBe('precious');
    await expectSame();
  });

  it('answers a wrong base with what it has', async () => {
    write('a', '1');
    await syncWorkspace(mirrors, source);
    const have = [treeDigest(scanTree(source))];
    write('a', '2');
    const sync = { ...difference([], scanTree(source)), base: 'f'.repeat(64) };
    await expect(syncWorkspace(mirrors, source, { sync })).rejects.toMatchObject({
      code: 'base-mismatch',
      details: { have: expect.arrayContaining(have) },
    });
    const unknown = { ...WORKSPACE, user: 'nobody yet' };
    await expect(syncWorkspace(mirrors, source, { sync, workspace: unknown })).rejects.toMatchObject({
      details: { have: [] },
    });
  });

  it('keeps what came with a wrong base, so that it need not be sent again', async () => {
    write('a', '1');
    await syncWorkspace(mirrors, source);
    write('b', '2');
    const wrong = { ...difference([], scanTree(source)), base: 'f'.repeat(64) };
    await expect(syncWorkspace(mirrors, source, { sync: wrong })).rejects.toMatchObject({
      code: 'base-mismatch',
    });
    expect(await syncWorkspace(mirrors, source)).toMatchObject({ sent: 0 });
    await expectSame();
  });
});

describe('runs with different lists', () => {
  const entriesOf = (...folders: string[]): TreeEntry[] =>
    scanTree(source).filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));
  const run = (label: string, folders: string[], outputs?: ReusedOutputs): Promise<{ sent: number }> =>
    syncWorkspace(mirrors, source, { sync: complete(entriesOf(...folders)), label, outputs });
  const expectSeen = async (...folders: string[]): Promise<void> => {
    expect(sorted(scanTree(await root()))).toEqual(sorted(entriesOf(...folders)));
  };
  const identity = async (path: string): Promise<unknown> => {
    const { ino, mtimeNs } = lstatSync(await inMirror(path), { bigint: true });
    return { ino, mtimeNs };
  };
  const builds = (...folders: string[]): ReusedOutputs => ({
    folder: 'dist-newstyle/build',
    packages: folders.map((name) => ({
      name,
      sources: { roots: [name], files: [] },
      needs: [],
      anyModule: false,
      ownSetup: false,
      ownLibraries: [],
    })),
  });

  beforeEach(() => {
    write('a/A.hs', 'module A where');
    write('a/same.txt', 'same');
    write('b/B.hs', 'module B where');
    write('b/script', 'b', 0o755);
    symlinkSync('B.hs', join(source, 'b/link'));
  });

  it('see their own files alone, and what comes back is what left, with its times', async () => {
    await run('a', ['a']);
    await run('b', ['b']);
    const before = [await identity('b/B.hs'), await identity('b/link'), await identity('b/script')];
    await expectSeen('b');
    now += 10_000;
    expect(await run('a', ['a'])).toMatchObject({ sent: 0 });
    await expectSeen('a');
    expect(existsSync(await inMirror('b'))).toBe(false);
    expect(await run('b', ['b'])).toMatchObject({ sent: 0 });
    await expectSeen('b');
    expect([await identity('b/B.hs'), await identity('b/link'), await identity('b/script')]).toEqual(before);
  });

  it('still do so after the agent was started again', async () => {
    await run('b', ['b']);
    const before = await identity('b/B.hs');
    await run('a', ['a']);
    mirrors = await openMirrors();
    await run('a', ['a']);
    expect(await run('b', ['b'])).toMatchObject({ sent: 0 });
    expect(await identity('b/B.hs')).toEqual(before);
  });

  it('get an edit of a file that is parked, and its mode', async () => {
    await run('b', ['b']);
    await run('a', ['a']);
    const before = Date.now();
    write('b/B.hs', 'module B (b) where');
    chmodSync(join(source, 'b/script'), 0o644);
    now = before + 5000;
    await run('b', ['b']);
    await expectSeen('b');
    expect(statSync(await inMirror('b/B.hs')).mtimeMs).toBeGreaterThan(before);
  });

  it('do not bring a file back with its old time into a package that was built without it', async () => {
    await run('all', ['a', 'b'], builds('a', 'b'));
    const before = statSync(await inMirror('b/B.hs')).mtimeMs;
    remove('b/B.hs');
    await run('other', ['a', 'b'], builds('a', 'b'));
    now += 10_000;
    write('b/B.hs', 'module B where');
    expect(await run('all', ['a', 'b'], builds('a', 'b'))).toMatchObject({ sent: 0 });
    expect(statSync(await inMirror('b/B.hs')).mtimeMs).toBeGreaterThan(before);
  });

  it('nor where another run parked it before', async () => {
    await run('b', ['b'], builds('b'));
    const before = statSync(await inMirror('b/B.hs')).mtimeMs;
    await run('a', ['a'], builds('a'));
    const kept = readFileSync(join(source, 'b/B.hs'), 'utf8');
    remove('b/B.hs');
    await run('other', ['b'], builds('b'));
    now += 10_000;
    write('b/B.hs', kept);
    await run('b', ['b'], builds('b'));
    expect(statSync(await inMirror('b/B.hs')).mtimeMs).toBeGreaterThan(before);
  });

  it('keep what is parked for as long as the last list of a label has it', async () => {
    await run('b', ['b']);
    await run('a', ['a']);
    const mirror = await mirrors.open(WORKSPACE);
    expect([...mirror.holdings.parked.keys()].sort()).toEqual(['b/B.hs', 'b/link', 'b/script']);
    remove('b/script');
    await run('b', ['b']);
    await run('a', ['a']);
    expect([...mirror.holdings.parked.keys()].sort()).toEqual(['b/B.hs', 'b/link']);
    expect(readdirSync(mirror.parkedFolder)).toHaveLength(2);
    write('b/again', 'b');
    expect(await run('b', ['b'])).toMatchObject({ sent: 0 });
  });

  it('build on each other, whatever the tree holds now', async () => {
    await run('a', ['a']);
    const ofA = entriesOf('a');
    await run('b', ['b']);
    write('a/A.hs', 'module A (a) where');
    const sync = difference(ofA, entriesOf('a'));
    expect(sync.entries).toHaveLength(1);
    await syncWorkspace(mirrors, source, { sync, label: 'a' });
    await expectSeen('a');
  });
});

describe('a mirror refuses', () => {
  const sendRaw = async (entries: TreeEntry[], members: [string, Buffer][] = []): Promise<void> => {
    const request = { workspace: WORKSPACE, sync: complete(entries), command: { label: 'raw' } };
    const admitted = await admitSync(mirrors, request, () => tarOf(members), 'raw');
    await admitted.apply();
  };
  const sha = 'a'.repeat(64);
  const file = (path: string): TreeEntry => ({ kind: 'file', path, size: 3, sha256: sha, mode: 0o644 });

  it.each(['../../escape', '/etc/passwd', 'not-a-digest', `${sha}/../../x`])('a content named %j', async (name) => {
    await expect(sendRaw([file('a')], [[name, Buffer.from('abc')]])).rejects.toMatchObject({ code: 'path-refused' });
  });
  it('links that leave the workspace', async () => {
    const link: TreeEntry = { kind: 'symlink', path: 'a/l', target: '../../etc' };
    await expect(sendRaw([link])).rejects.toMatchObject({ code: 'path-refused', details: { path: 'a/l' } });
  });
  it('files below a link', async () => {
    const link: TreeEntry = { kind: 'symlink', path: 'd', target: 'e' };
    await expect(sendRaw([link, file('d/f')])).rejects.toMatchObject({
      code: 'path-refused',
      details: { path: 'd/f' },
    });
  });
  it('names longer than a filesystem takes', async () => {
    await expect(sendRaw([file('x'.repeat(256))])).rejects.toMatchObject({ code: 'path-refused' });
  });
  it.each([
    ['of another size', 'abcd'],
    ['of the same size', 'abd'],
  ])('content %s than announced', async (_what, content) => {
    await expect(sendRaw([file('a')], [[sha, Buffer.from(content)]])).rejects.toMatchObject({
      code: 'content-changed',
      details: { path: 'a' },
    });
    expect(scanTree(await root())).toEqual([]);
  });
  it('a tree without its contents', async () => {
    await expect(sendRaw([file('a')])).rejects.toMatchObject({ code: 'content-missing', details: { missing: [sha] } });
  });
  it('entries that do not add up to their digest', async () => {
    const sync = { ...complete([]), target: sha };
    await expect(syncWorkspace(mirrors, source, { sync })).rejects.toMatchObject({ code: 'request-malformed' });
  });
});

const SIDES = ['a', 'b'];

/** The list of a run that sees one half of the names, or all. */
function seenBy(side: string | undefined): TreeEntry[] {
  return scanTree(source).filter(
    ({ path }) =>
      side === undefined || path === side || !SIDES.includes(path.split('/')[0] ?? '') || path.startsWith(`${side}/`),
  );
}

/** Edits of a small universe of names, so that files, folders and links keep taking each other's places. */
const name = fc.constantFrom('a', 'b', 'ünï', 'sp ace', 'new\nline');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const edit = fc.oneof(
  fc.record({ do: fc.constant('write' as const), path, content: fc.string({ maxLength: 3 }) }),
  fc.record({ do: fc.constant('remove' as const), path }),
  fc.record({ do: fc.constant('folder' as const), path }),
  fc.record({ do: fc.constant('link' as const), path, to: name }),
  fc.record({ do: fc.constant('mode' as const), path, mode: fc.constantFrom(0o600, 0o644, 0o755, 0o444) }),
  fc.record({ do: fc.constant('rename' as const), path, to: path }),
);
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

/** Makes room for a path: whatever is a file or link above it, and what is at it, goes. */
function clear(base: string, target: string): void {
  const names = target.split('/');
  for (let depth = 1; depth < names.length; depth++) {
    const above = join(base, ...names.slice(0, depth));
    if (lstatSync(above, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(above);
  }
  rmSync(join(base, target), { recursive: true, force: true });
  mkdirSync(dirname(join(base, target)), { recursive: true });
}

function isReal(base: string, target: string): boolean {
  const names = target.split('/');
  return names.every((_, index) => {
    const stats = lstatSync(join(base, ...names.slice(0, index + 1)), { throwIfNoEntry: false });
    return stats !== undefined && (index === names.length - 1 || stats.isDirectory());
  });
}

function apply(base: string, change: Edit): void {
  const file = join(base, change.path);
  switch (change.do) {
    case 'write':
      clear(base, change.path);
      writeFileSync(file, change.content);
      return;
    case 'remove':
      if (isReal(base, change.path)) rmSync(file, { recursive: true });
      return;
    case 'folder':
      clear(base, change.path);
      mkdirSync(file, { recursive: true });
      return;
    case 'link':
      clear(base, change.path);
      symlinkSync(change.to, file);
      return;
    case 'mode':
      if (isReal(base, change.path) && lstatSync(file).isFile()) chmodSync(file, change.mode);
      return;
    case 'rename':
      if (!isReal(base, change.path) || `${change.to}/`.startsWith(`${change.path}/`)) return;
      if (`${change.path}/`.startsWith(`${change.to}/`)) return;
      clear(base, change.to);
      if (isReal(base, change.path)) renameSync(file, join(base, change.to));
  }
}

describe('whatever is done to a workspace', () => {
  it('its mirror is the same after each sync', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(edit, { minLength: 1, maxLength: 6 }), { maxLength: 6 }), async (script) => {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(source, { recursive: true });
        mirrors = await openMirrors();
        let before: TreeEntry[] = [];
        await syncWorkspace(mirrors, source);
        for (const edits of script) {
          for (const change of edits) apply(source, change);
          const after = scanTree(source);
          await syncWorkspace(mirrors, source, { sync: difference(before, after) });
          await expectSame();
          before = after;
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('each of several lists is what is seen after its sync, and nothing is sent twice', async () => {
    const turn = fc.record({ edits: fc.array(edit, { maxLength: 4 }), side: fc.constantFrom('a', 'b', undefined) });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 12 }), async (script) => {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(source, { recursive: true });
        mirrors = await openMirrors();
        const sent = new Set<string>();
        for (const { edits, side } of script) {
          for (const change of edits) apply(source, change);
          const target = seenBy(side);
          const news = new Set(
            target.flatMap((entry) => (entry.kind === 'file' && entry.size > 0 ? [entry.sha256] : [])),
          );
          for (const known of sent) news.delete(known);
          const done = await syncWorkspace(mirrors, source, { sync: complete(target), label: String(side) });
          expect(done.sent).toBe(news.size);
          for (const digest of news) sent.add(digest);
          expect(sorted(scanTree(await root()))).toEqual(sorted(target));
          const { holdings, parkedFolder } = await mirrors.open(WORKSPACE);
          expect(sorted([...holdings.tree.values()].map(({ entry }) => entry))).toEqual(sorted(target));
          expect(readdirSync(parkedFolder).sort()).toEqual([...holdings.parked.keys()].map(parkedName).sort());
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('an update that is interrupted anywhere ends as the old or the new tree', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 8 }),
        fc.array(edit, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('a', 'b', undefined),
        fc.constantFrom('a', 'b', undefined),
        async (first, second, side, next) => {
          for (let crashAt = 0; ; crashAt++) {
            rmSync(folder, { recursive: true, force: true });
            mkdirSync(source, { recursive: true });
            mirrors = await openMirrors();
            for (const change of first) apply(source, change);
            // What the second update may bring back is parked by then.
            await syncWorkspace(mirrors, source, { sync: complete(seenBy(next)), label: 'next' });
            await syncWorkspace(mirrors, source, { sync: complete(seenBy(side)), label: 'before' });
            const old = sorted(seenBy(side));
            for (const change of second) apply(source, change);
            const fresh = sorted(seenBy(next));
            let points = 0;
            mirrors = await openMirrors(() => {
              if (points++ === crashAt) throw new Error('crash');
            });
            const crashed = await syncWorkspace(mirrors, source, { sync: complete(fresh), label: 'next' }).then(
              () => false,
              () => true,
            );
            mirrors = await openMirrors();
            const tree = sorted(scanTree(await root()));
            expect([old, fresh]).toContainEqual(tree);
            const { holdings, parkedFolder } = await mirrors.open(WORKSPACE);
            expect(sorted([...holdings.tree.values()].map(({ entry }) => entry))).toEqual(tree);
            expect(readdirSync(parkedFolder).sort()).toEqual([...holdings.parked.keys()].map(parkedName).sort());
            await syncWorkspace(mirrors, source, { sync: complete(fresh), label: 'next' });
            await expectTree(fresh);
            if (!crashed) return;
          }
        },
      ),
      {
        numRuns: 12,
        // A file that is parked, with a folder in its place.
        examples: [
          [
            [{ do: 'write', path: 'a', content: 'x' }],
            [{ do: 'write', path: 'a/b', content: 'y' }],
            undefined,
            undefined,
          ],
        ],
      },
    );
  }, 240_000);
});

it('a symbolic link keeps its exact target', async () => {
  write('a/b', 'x');
  symlinkSync('./../a//b', join(source, 'a/l'));
  await syncWorkspace(mirrors, source);
  expect(readlinkSync(await inMirror('a/l'))).toBe('./../a//b');
});
