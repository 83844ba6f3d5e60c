import { chmodSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { everythingIn } from '../folder-list.js';
import { nxHashOfFile } from '../nx/content-hash.js';
import type { SourceList } from '../source-list.js';
import { scanSources, type Scan } from './scan.js';
import { sourceDisk, type SourceDisk } from './source-disk.js';

let base: string;
let root: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'bms-'));
  root = join(base, 'w');
  mkdirSync(join(base, 'state'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

function put(path: string, content: string | Buffer = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function scan(list: Partial<SourceList> = everythingIn(root), disk?: SourceDisk): Promise<Scan> {
  const none = { files: [], links: new Map(), executables: new Set<string>(), folders: [], hashes: new Map() };
  const state = { folder: join(base, 'state'), statCacheFile: join(base, 'state/cache.json') };
  return scanSources(root, { ...none, ...list }, state, { disk });
}

describe('a scan', () => {
  it('has the files of the list and no others, with the modes that the list says', async () => {
    put('a.hs');
    put('run.sh');
    put('not-listed');
    chmodSync(join(root, 'a.hs'), 0o777);
    const { entries } = await scan({ files: ['a.hs', 'run.sh', 'gone.hs'], executables: new Set(['run.sh']) });
    expect(entries).toEqual([
      expect.objectContaining({ path: 'a.hs', mode: 0o644 }),
      expect.objectContaining({ path: 'run.sh', mode: 0o755 }),
    ]);
  });

  it('has the links of the list that stay in the workspace', async () => {
    const links = new Map([
      ['a/inside', '../b'],
      ['out', '../elsewhere'],
      ['absolute', '/etc/hosts'],
    ]);
    expect((await scan({ links })).entries).toEqual([{ kind: 'symlink', path: 'a/inside', target: '../b' }]);
  });

  it("has Nx's own hash of each content that Nx keeps one of, also of bytes that are no text", async () => {
    const contents = { 'text.hs': 'ä\uFEFF\n', 'empty.hs': '', 'bytes.bin': Buffer.from([0, 0xff, 0xfe]) };
    for (const [path, content] of Object.entries(contents)) put(path, content);
    put('big.bin', Buffer.alloc(5 * 1024 * 1024, 0xff));
    const files = [...Object.keys(contents), 'big.bin'];
    const listed = { files, hashes: new Map(files.map((path) => [path, 'any'])) };
    const expected = new Map(files.map((path) => [path, nxHashOfFile(join(root, path))]));
    expect((await scan(listed)).nxHashes).toEqual(expected);
    await settle();
    await scan(listed);
    const again = await scan(listed);
    expect([again.filesHashed, again.nxHashes]).toEqual([0, expected]);
  });
});

describe('a scan again', () => {
  it('reads only what changed, and has the same digest when nothing did', async () => {
    put('a');
    put('b');
    const first = await scan();
    await settle();
    await scan();
    put('b', 'new');
    const second = await scan();
    expect([second.filesHashed, second.digest === first.digest]).toEqual([1, false]);
    put('b', 'b');
    expect((await scan()).digest).toBe(first.digest);
  });

  it('notices a content of the same size with the modification time set back', async () => {
    put('a', 'one');
    const before = statSync(join(root, 'a'));
    const first = await scan();
    put('a', 'two');
    utimesSync(join(root, 'a'), before.atime, before.mtime);
    expect((await scan()).digest).not.toBe(first.digest);
  });

  it('notices a file that another one was renamed over', async () => {
    put('a', 'one');
    put('b', 'two');
    const first = await scan();
    await settle();
    await scan();
    renameSync(join(root, 'b'), join(root, 'a'));
    put('b', 'two');
    expect((await scan()).digest).not.toBe(first.digest);
  });

  it('costs one stat per file, however many there are', async () => {
    const counted = async (folders: number) => {
      rmSync(join(root, 'tree'), { recursive: true, force: true });
      for (let n = 0; n < folders; n++) for (let f = 0; f < 10; f++) put(`tree/d${String(n)}/f${String(f)}`, 'x');
      await scan();
      await settle();
      await scan();
      const calls = { stat: 0, read: 0 };
      const disk: SourceDisk = {
        ...sourceDisk,
        stat: (path) => ((calls.stat += 1), sourceDisk.stat(path)),
        read: (path) => ((calls.read += 1), sourceDisk.read(path)),
      };
      expect((await scan(everythingIn(root), disk)).filesScanned).toBe(folders * 10);
      return calls;
    };
    expect(await counted(20)).toEqual({ stat: 200, read: 0 });
    expect(await counted(200)).toEqual({ stat: 2_000, read: 0 });
  });
});

describe('a scan that cannot be', () => {
  it('names a file name that is no UTF-8, as Nx lists it', async () => {
    await expect(scan({ files: ['a/f\uFFFD'] })).rejects.toMatchObject({
      code: 'source-name-unsupported',
      message: expect.stringContaining('"a"') as string,
    });
  });

  it('names what may not be read', async () => {
    put('secret');
    const disk: SourceDisk = {
      ...sourceDisk,
      // As root, no permission keeps a test out.
      read: () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })),
    };
    await expect(scan(everythingIn(root), disk)).rejects.toMatchObject({
      code: 'source-unreadable',
      hint: expect.stringContaining("chmod u+r 'secret'") as string,
    });
  });
});

/** Lets time stamps grow older than the doubt about them. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 120));
}
