import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scanScope } from './scan.js';
import { sourceFiles, type SourceFiles } from './source-files.js';
import type { SyncScope } from './sync-scope.js';

let root: string;
const everything: SyncScope = { roots: ['.'], files: [] };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bms-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function put(path: string, content = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function git(folder: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main'];
  execFileSync('git', [...identity, ...args], { cwd: join(root, folder), stdio: 'ignore' });
}

async function paths(scope = everything): Promise<string[]> {
  return (await scanScope(root, scope)).entries.map(({ path }) => path);
}

describe('a scan in a git checkout', () => {
  beforeEach(() => {
    git('.', 'init', '-q');
  });

  it('sees tracked and untracked files and links, and not what is ignored', async () => {
    put('.gitignore', '*.o\nout/\n!keep.o\n');
    put('a/x.hs');
    put('a/x.o');
    put('a/keep.o');
    put('out/deep/file');
    mkdirSync(join(root, 'empty/folder'), { recursive: true });
    symlinkSync('x.hs', join(root, 'a/link'));
    symlinkSync('self', join(root, 'self'));
    expect(await paths()).toEqual(['.gitignore', 'a/keep.o', 'a/link', 'a/x.hs', 'self']);
  });

  it('sends a tracked file although a pattern ignores it', async () => {
    put('gen/made.hs');
    git('.', 'add', '.');
    git('.', 'commit', '-qm', 'x');
    put('.gitignore', 'gen/\n');
    put('gen/other.hs');
    expect(await paths()).toEqual(['.gitignore', 'gen/made.hs']);
  });

  it('asks nested repositories and submodules about their own ignored files', async () => {
    put('.gitignore', '*.tmp\n');
    put('vendor/lib/.gitignore', 'made/\n');
    put('vendor/lib/src.hs');
    put('vendor/lib/made/x');
    put('vendor/lib/y.tmp');
    git('vendor/lib', 'init', '-q');
    const below = ['.gitignore', 'src.hs', 'y.tmp'].map((name) => `vendor/lib/${name}`);
    expect(await paths()).toEqual(['.gitignore', ...below]);
    expect(await paths({ roots: ['vendor/lib'], files: [] })).toEqual(below);
  });

  it('leaves out what belongs to this computer, and what .nxignore names', async () => {
    for (const name of ['.nx', 'node_modules', 'dist-newstyle', '.stack-work', 'dist/remote']) {
      put(`${name}/x`);
      if (name !== 'dist/remote') put(`p/${name}/x`);
    }
    put('dist/kept');
    put('.nxignore', 'big/\n');
    put('big/blob');
    expect(await paths()).toEqual(['.nxignore', 'dist/kept']);
  });

  it.each(['.nxignore', '.ignore'])('leaves out what %s files name, in any folder, as Nx does', async (name) => {
    put(name, 'data/\n*.tmp\n');
    put(`a/${name}`, '/words\n!kept.tmp\n');
    for (const file of ['data/x', 'b/x.tmp', 'a/words', 'a/b/words', 'a/kept.tmp']) put(file);
    expect(await paths({ roots: ['a', 'b'], files: [] })).toEqual([`a/${name}`, 'a/b/words', 'a/kept.tmp'].sort());
  });

  it('leaves out what an ignore file above the workspace names', async () => {
    put('.ignore', 'w/data\n');
    put('w/data/x');
    put('w/x');
    expect((await scanScope(join(root, 'w'), everything)).entries.map(({ path }) => path)).toEqual(['x']);
  });

  it('takes named files unless they are ignored, and roots only as far as they were asked for', async () => {
    put('.gitignore', 'cabal.project.local\n');
    put('.ignore', 'secret/\n');
    put('b/.ignore', 'x\n');
    put('b/.gitignore', 'y\n');
    for (const file of ['cabal.project', 'cabal.project.local', 'secret/c.cabal', 'a/x', 'ab/x', 'b/b.cabal'])
      put(file);
    const files = ['b/b.cabal', 'b/x', 'cabal.project', 'cabal.project.local', 'secret/c.cabal', 'not-there'];
    expect(await paths({ roots: ['a'], files })).toEqual(['a/x', 'b/b.cabal', 'cabal.project']);
  });

  it('is not misled by the variables that git sets for its hooks', async () => {
    put('.gitignore', '*.o\n');
    put('x.o');
    const before = process.env['GIT_DIR'];
    process.env['GIT_DIR'] = '/nowhere/.git';
    try {
      expect(await paths()).toEqual(['.gitignore']);
    } finally {
      if (before === undefined) delete process.env['GIT_DIR'];
      else process.env['GIT_DIR'] = before;
    }
  });
});

describe('a scan outside git', () => {
  it('reads ignore files at every level, the innermost deciding', async () => {
    put('.gitignore', '*.log\n/top\n');
    put('a/.gitignore', '!keep.log\n');
    put('a/keep.log');
    put('a/x.log');
    put('b/keep.log');
    put('top/x');
    put('b/top/x');
    expect(await paths()).toEqual(['.gitignore', 'a/.gitignore', 'a/keep.log', 'b/top/x']);
    expect(await paths({ roots: ['b'], files: [] })).toEqual(['b/top/x']);
  });
});

describe('a scan again', () => {
  it('reads only what changed, and has the same digest when nothing did', async () => {
    put('a');
    put('b');
    const first = await scanScope(root, everything);
    await settle();
    await scanScope(root, everything);
    put('b', 'new');
    const second = await scanScope(root, everything);
    expect([second.filesHashed, second.digest === first.digest]).toEqual([1, false]);
    put('b', 'b');
    expect((await scanScope(root, everything)).digest).toBe(first.digest);
  });

  it('notices a content of the same size with the modification time set back', async () => {
    put('a', 'one');
    const before = statSync(join(root, 'a'));
    const first = await scanScope(root, everything);
    put('a', 'two');
    utimesSync(join(root, 'a'), before.atime, before.mtime);
    expect((await scanScope(root, everything)).digest).not.toBe(first.digest);
  });

  it('notices a file that another one was renamed over', async () => {
    put('a', 'one');
    put('b', 'two');
    const first = await scanScope(root, everything);
    await settle();
    await scanScope(root, everything);
    renameSync(join(root, 'b'), join(root, 'a'));
    put('b', 'two');
    expect((await scanScope(root, everything)).digest).not.toBe(first.digest);
  });

  it('costs one stat per file and one listing per folder, however many there are', async () => {
    const counted = async (folders: number) => {
      rmSync(join(root, 'tree'), { recursive: true, force: true });
      for (let n = 0; n < folders; n++) for (let f = 0; f < 10; f++) put(`tree/d${String(n)}/f${String(f)}`, 'x');
      await scanScope(root, everything);
      await settle();
      await scanScope(root, everything);
      const calls = { stat: 0, list: 0, read: 0 };
      const disk: SourceFiles = {
        ...sourceFiles,
        stat: (path) => ((calls.stat += 1), sourceFiles.stat(path)),
        list: (path) => ((calls.list += 1), sourceFiles.list(path)),
        read: (path) => ((calls.read += 1), sourceFiles.read(path)),
      };
      const scan = await scanScope(root, everything, { disk });
      expect(scan.filesScanned).toBe(folders * 10);
      return calls;
    };
    expect(await counted(20)).toEqual({ stat: 200, list: 22, read: 0 });
    expect(await counted(200)).toEqual({ stat: 2_000, list: 202, read: 0 });
  });
});

describe('a scan that cannot be', () => {
  it('names links that leave the tree, and the relative form of one that need not', async () => {
    symlinkSync('../outside', join(root, 'out'));
    await expect(paths()).rejects.toMatchObject({
      code: 'symlink-leaves-tree',
      message: expect.stringContaining('out'),
    });
    rmSync(join(root, 'out'));
    put('b/x');
    mkdirSync(join(root, 'a'));
    symlinkSync(join(root, 'b/x'), join(root, 'a/abs'));
    await expect(paths()).rejects.toMatchObject({ hint: expect.stringContaining("ln -sfn '../b/x' 'a/abs'") });
    put('.nxignore', 'abs\n');
    expect(await paths()).toContain('b/x');
  });

  it('names a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 's'), resolve));
    await expect(paths()).rejects.toMatchObject({
      code: 'source-unsupported',
      message: expect.stringContaining('socket'),
    });
    server.close();
  });

  it('names a file name that is no UTF-8', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), '');
    await expect(paths()).rejects.toMatchObject({ code: 'source-name-unsupported' });
  });

  it('names what may not be read', async () => {
    put('secret');
    const disk: SourceFiles = {
      ...sourceFiles,
      // As root, no permission keeps a test out.
      read: () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })),
    };
    chmodSync(join(root, 'secret'), 0o000);
    await expect(scanScope(root, everything, { disk })).rejects.toMatchObject({
      code: 'source-unreadable',
      hint: expect.stringContaining("chmod u+r 'secret'"),
    });
  });

  it('names a root that is behind a link', async () => {
    put('real/p/x');
    symlinkSync('real', join(root, 'alias'));
    await expect(paths({ roots: ['alias/p'], files: [] })).rejects.toMatchObject({ code: 'source-root-missing' });
  });
});

/** Lets time stamps grow older than the doubt about them. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 120));
}
