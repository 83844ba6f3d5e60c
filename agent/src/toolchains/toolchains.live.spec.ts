import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toolchainBinFolder } from './bin-folder.js';
import { compareVersions } from './compare-versions.js';
import { cachingProbe } from './probe-version.js';
import { Toolchains } from './toolchains.js';

let folder: string;
const at = (path: string): string => join(folder, path);

/** A program that answers as GHC's family does, and tells its own name and arguments otherwise. */
const program = (path: string, version: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), `#!/bin/sh\n[ "$1" = --numeric-version ] && echo ${version} || echo "${path} $*"\n`);
  chmodSync(at(path), 0o755);
};
const search = (explicit: { tool: 'ghc'; path: string }[] = []): Toolchains =>
  new Toolchains({
    machine: 'sandbox',
    explicit,
    homes: [at('home')],
    opt: at('opt'),
    path: [at('usr/bin')],
    probe: cachingProbe({ PATH: '/usr/bin:/bin' }),
  });

beforeEach(() => {
  folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-tools-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the search for compilers', () => {
  it('finds GHCup’s layout, /opt, the path and explicit ones, newest first', async () => {
    program('home/.ghcup/bin/ghc-9.6.6', '9.6.6');
    program('home/.ghcup/ghc/9.10.1/bin/ghc', '9.10.1');
    program('opt/ghc/8.8.4/bin/ghc', '8.8.4');
    program('usr/bin/ghc', '9.0.2');
    program('somewhere/odd', '9.4.8');
    program('usr/bin/cabal', '3.4.1.0');
    const toolchains = search([{ tool: 'ghc', path: at('somewhere/odd') }]);
    await toolchains.discover();
    expect(toolchains.installed.map(({ tool, version }) => `${tool} ${version}`)).toEqual([
      'cabal 3.4.1.0',
      'ghc 9.10.1',
      'ghc 9.6.6',
      'ghc 9.4.8',
      'ghc 9.0.2',
      'ghc 8.8.4',
    ]);
  });

  it('leaves out what does not run or does not tell a version', async () => {
    program('usr/bin/ghc', 'no version');
    writeFileSync(at('usr/bin/cabal'), 'not executable');
    symlinkSync('nowhere', at('usr/bin/stack'));
    const toolchains = search();
    await toolchains.discover();
    expect(toolchains.installed).toEqual([]);
    expect(await toolchains.resolve({})).toEqual({});
  });

  it('takes the compiler of the path where none is asked for, and exactly the one that is', async () => {
    program('home/.ghcup/bin/ghc-9.6.6', '9.6.6');
    program('usr/bin/ghc', '9.0.2');
    const toolchains = search();
    await toolchains.discover();
    expect((await toolchains.resolve({})).ghc?.version).toBe('9.0.2');
    expect((await toolchains.resolve({ ghc: '9.6.6' })).ghc?.version).toBe('9.6.6');
    await expect(toolchains.resolve({ ghc: '9.6.5' })).rejects.toMatchObject({
      code: 'toolchain-missing',
      hint: 'nx run sandbox:ghc-install 9.6.5',
      message: expect.stringMatching(/9\.6\.5.*9\.6\.6.*9\.0\.2/) as string,
    });
  });

  it('finds a compiler that was installed since', async () => {
    const toolchains = search();
    await toolchains.discover();
    program('home/.ghcup/bin/ghc-9.6.6', '9.6.6');
    expect((await toolchains.resolve({ ghc: '9.6.6' })).ghc?.path).toBe(at('home/.ghcup/bin/ghc-9.6.6'));
  });
});

describe('the folder of a toolchain', () => {
  it('makes the plain names that compiler and its companions, whatever else is beside them', async () => {
    for (const name of ['ghc', 'ghc-pkg', 'hsc2hs']) program(`home/.ghcup/ghc/9.6.6/bin/${name}`, '9.6.6');
    mkdirSync(at('home/.ghcup/bin'), { recursive: true });
    symlinkSync('../ghc/9.6.6/bin/ghc', at('home/.ghcup/bin/ghc-9.6.6'));
    program('home/.ghcup/bin/ghc-pkg', '9.2.8');
    program("it's/cabal", '3.10.1.0');
    const bin = await toolchainBinFolder(at('state'), {
      ghc: { tool: 'ghc', version: '9.6.6', path: at('home/.ghcup/bin/ghc-9.6.6') },
      cabal: { tool: 'cabal', version: '3.10.1.0', path: at("it's/cabal") },
    });
    const run = (name: string, ...args: string[]): string => execFileSync(join(bin, name), args, { encoding: 'utf8' });
    expect(run('ghc', '--numeric-version')).toBe('9.6.6\n');
    expect(run('ghc-pkg', 'list')).toBe('home/.ghcup/ghc/9.6.6/bin/ghc-pkg list\n');
    expect(run('hsc2hs', 'a b')).toBe('home/.ghcup/ghc/9.6.6/bin/hsc2hs a b\n');
    expect(run('cabal', 'build')).toBe("it's/cabal build\n");
  });
});

it('versions are ordered by number', () => {
  expect(['9.8.4', '9.10.1', '9.8', '10.1'].sort(compareVersions)).toEqual(['9.8', '9.8.4', '9.10.1', '10.1']);
});
