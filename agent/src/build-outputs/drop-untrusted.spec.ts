import { makeTemporaryFolder } from '@build-machines/owned-files';
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ReusedPackage } from '@build-machines/protocol';
import type { Manifest, StoredEntry } from '../mirrors/manifest.js';
import { dropUntrustedOutputs } from './drop-untrusted.js';

const STAT = { size: '0', mtimeNs: '0', ctimeNs: '0', ino: '0' };
const APP = 'dist-newstyle/build/x86_64-linux/ghc-9.0.2/app-1';

/** What cabal leaves of a program with a plain module, one with Template Haskell, C code and a preprocessed module. */
const OUTPUTS = {
  record: `${APP}/x/app/cache/build`,
  plan: `${APP}/x/app/cache/config`,
  plain: `${APP}/x/app/build/app/app-tmp/Plain.o`,
  plainInterface: `${APP}/x/app/build/app/app-tmp/Plain.hi`,
  embedding: `${APP}/x/app/build/app/app-tmp/Data/Embedding.dyn_o`,
  embeddingInterface: `${APP}/x/app/build/app/app-tmp/Data/Embedding.dyn_hi`,
  main: `${APP}/x/app/build/app/app-tmp/Main.hi`,
  c: `${APP}/x/app/build/app/app-tmp/cbits/sum.o`,
  preprocessed: `${APP}/x/app/build/app/app-tmp/Sized.hs`,
  paths: `${APP}/x/app/build/app/autogen/Paths_app.hs`,
  program: `${APP}/x/app/build/app/app`,
  page: `${APP}/doc/html/app/Plain.html`,
} as const;
const UNTRUSTED = ['record', 'embedding', 'embeddingInterface', 'main', 'c', 'preprocessed', 'page'];

const SOURCES: Readonly<Record<string, string>> = {
  'app/src/Plain.hs': 'module Plain where\n',
  'app/src/Data/Embedding.hs': '{-# LANGUAGE TemplateHaskell #-}\nmodule Data.Embedding where\n',
  'app/words.txt': 'one',
  'lib/Lib.hs': 'module Lib where\n',
};

const app: ReusedPackage = {
  name: 'app-1',
  sources: { roots: ['app'], files: [] },
  needs: ['lib-1'],
  anyModule: false,
  ownSetup: false,
  ownLibraries: [],
  strictness: '',
};
const lib: ReusedPackage = {
  name: 'lib-1',
  sources: { roots: ['lib'], files: [] },
  needs: [],
  anyModule: false,
  ownSetup: false,
  ownLibraries: [],
  strictness: '',
};

let folder: string;
let sources: Record<string, string>;

beforeEach(async () => {
  folder = await makeTemporaryFolder(join(tmpdir(), 'outputs-'));
  sources = { ...SOURCES };
  for (const [path, text] of Object.entries(sources)) await write(path, text);
  await build();
  await run();
  await build();
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, 'tree', path)), { recursive: true });
  await writeFile(join(folder, 'tree', path), text);
}

async function build(): Promise<void> {
  for (const path of Object.values(OUTPUTS)) await write(path, 'built');
}

function manifest(): Manifest {
  const entries = Object.entries(sources).map(([path, text]): [string, StoredEntry] => {
    const sha256 = Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
    return [path, { entry: { kind: 'file', path, size: text.length, sha256, mode: 0o644 }, stat: STAT }];
  });
  return new Map(entries);
}

async function run(
  packages: readonly ReusedPackage[] = [app, lib],
  env: Record<string, string> = {},
  tracked = manifest(),
  { traits, strictness = '' }: { traits?: string; strictness?: string } = {},
): Promise<void> {
  const mirror = { folder, root: join(folder, 'tree'), manifest: tracked };
  const outputs = { folder: 'dist-newstyle/build', packages: [...packages], strictness };
  await dropUntrustedOutputs(mirror, { env, traits, outputs });
}

/** Names of the outputs that are gone. */
function gone(): string[] {
  return Object.entries(OUTPUTS).flatMap(([name, path]) => (existsSync(join(folder, 'tree', path)) ? [] : [name]));
}

describe('outputs of earlier builds', () => {
  it('stay while nothing changes', async () => {
    await run();
    expect(gone()).toEqual([]);
  });

  it('stay after a change of a module, which the compiler follows, once it is asked', async () => {
    sources['app/src/Plain.hs'] = 'module Plain where\nx = 1\n';
    await run();
    expect(gone()).toEqual(['record']);
  });

  it.each([
    ['added', 'app/src/New.hs', 'module New where\n'],
    ['gone', 'app/src/Plain.hs', null],
    ['one of c2hs', 'app/src/Bound.chs', 'module Bound where\n'],
  ])('go as far as they may depend on which modules there are: when one is %s', async (_how, path, text) => {
    if (text === null) Reflect.deleteProperty(sources, path);
    else sources[path] = text;
    await run();
    expect(gone()).toEqual(UNTRUSTED);
  });

  it('go when a file changes that was sent and is of no package, as nobody knows who reads it', async () => {
    sources['assets/words.txt'] = 'one';
    await run();
    await build();
    await run();
    expect(gone()).toEqual([]);
    sources['assets/words.txt'] = 'two';
    await run();
    expect(gone()).toEqual(UNTRUSTED);
  });

  it('stay when the description of a package changes that is not built: cabal watches these', async () => {
    sources['other/other.cabal'] = 'name: other';
    sources['cabal.project.local'] = 'tests: True';
    await run();
    expect(gone()).toEqual([]);
  });

  it('go where a preprocessor may have read the module that changed', async () => {
    await write('app/src/Data/Embedding.hs', '{-# OPTIONS_GHC -F -pgmF discover #-}\n');
    sources['app/src/Plain.hs'] = 'module Plain where\nx = 1\n';
    await run();
    expect(gone()).toEqual(['record', 'embedding', 'embeddingInterface', 'main']);
  });

  it('go where code of a library of the package itself may have run, when that library changes', async () => {
    const own = { ...app, ownLibraries: ['app/src'] };
    sources['app/test/Test.hs'] = 'module Main where\n';
    await run([own, lib]);
    await build();
    sources['app/test/Test.hs'] = 'module Main where\nx = 1\n';
    await run([own, lib]);
    expect(gone()).toEqual(['record']);
    await build();
    sources['app/src/Plain.hs'] = 'module Plain where\nx = 1\n';
    await run([own, lib]);
    expect(gone()).toEqual(['record', 'embedding', 'embeddingInterface', 'main']);
    await build();
    sources['app/src/Plain.hs'] = 'module Plain where\nx = 2\n';
    await run([{ ...own, anyModule: true }, lib]);
    expect(gone()).toEqual(['record', 'plain', 'plainInterface', 'embedding', 'embeddingInterface', 'main', 'c']);
  });

  it('go where a pragma of options switches Template Haskell on', async () => {
    await write('app/src/Data/Embedding.hs', '{-# OPTIONS_GHC -XTemplateHaskell #-}\nmodule Data.Embedding where\n');
    sources['app/words.txt'] = 'two';
    await run();
    expect(gone()).toEqual(UNTRUSTED);
  });

  it.each([
    ['a file that is no module', 'app/words.txt'],
    ['a module of a package that it needs', 'lib/Lib.hs'],
  ])('go as far as they may depend on %s', async (_what, path) => {
    sources[path] = 'two';
    await run();
    expect(gone()).toEqual(UNTRUSTED);
  });

  it('go after a change of the environment, which code at compile time may read', async () => {
    await run([app, lib], { FLAVOUR: 'mint' });
    expect(gone()).toEqual(UNTRUSTED);
  });

  it.each([
    ['the machine has other headers and libraries', [app, lib], { traits: 'other' }],
    ['warnings become errors for the package', [{ ...app, strictness: '-Werror' }, lib], {}],
    ['warnings become errors by an argument', [app, lib], { strictness: '-Werror' }],
  ])('go altogether when %s, which compilers do not notice', async (_what, packages, conditions) => {
    await run(packages, {}, manifest(), conditions);
    expect(existsSync(join(folder, 'tree', APP))).toBe(false);
    await build();
    await run(packages, {}, manifest(), conditions);
    expect(gone()).toEqual([]);
  });

  it('go once for each change', async () => {
    sources['app/words.txt'] = 'two';
    await run();
    await build();
    await run();
    expect(gone()).toEqual([]);
  });

  it('go after a change that another command brought to the mirror', async () => {
    sources['app/words.txt'] = 'two';
    await run([lib]);
    expect(gone()).toEqual([]);
    await run();
    expect(gone()).toEqual(UNTRUSTED);
  });

  it('go altogether where any module may read any file', async () => {
    sources['app/words.txt'] = 'two';
    await run([{ ...app, anyModule: true }, lib]);
    expect(existsSync(join(folder, 'tree', APP))).toBe(false);
  });

  it('are compared without reading an unchanged manifest again', async () => {
    let reads = 0;
    class CountingManifest extends Map<string, StoredEntry> {
      override [Symbol.iterator](): ReturnType<Map<string, StoredEntry>['entries']> {
        reads += 1;
        return super[Symbol.iterator]();
      }
    }
    const unchanged = new CountingManifest(manifest());
    await run([app, lib], {}, unchanged);
    const once = reads;
    await run([app, lib], {}, unchanged);
    expect([once, reads]).toEqual([1, 1]);
    expect(gone()).toEqual([]);
    await run([app, lib], { FLAVOUR: 'mint' }, unchanged);
    expect(gone()).toEqual(UNTRUSTED);
    await build();
    await run([app, lib], {}, unchanged);
    expect(gone()).toEqual(UNTRUSTED);
  });

  it('are not looked for through a link that leads out of the mirror', async () => {
    await rm(join(folder, 'elsewhere'), { recursive: true, force: true });
    await mkdir(join(folder, 'elsewhere/build/p/c/app-1/cache'), { recursive: true });
    await writeFile(join(folder, 'elsewhere/build/p/c/app-1/cache/build'), 'built');
    await rm(join(folder, 'tree/dist-newstyle'), { recursive: true });
    await symlink('../elsewhere', join(folder, 'tree/dist-newstyle'));
    sources['app/words.txt'] = 'two';
    await run();
    expect(existsSync(join(folder, 'elsewhere/build/p/c/app-1/cache/build'))).toBe(true);
  });
});
