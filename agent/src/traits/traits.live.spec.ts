import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { traitDifferences, traitsSeen, type MachineTraits } from '@build-machines/protocol';
import { chmodSync, mkdirSync, readFileSync, rmSync, utimesSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TraitReader } from './trait-reader.js';

let folder: string;
let reader: TraitReader;
const at = (path: string): string => join(folder, path);

const write = (path: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text, { mode });
  chmodSync(at(path), mode);
};

const dpkg = (name: string, version: string, section: string, status = 'install ok installed'): string =>
  `Package: ${name}\nStatus: ${status}\nSection: ${section}\nArchitecture: amd64\nVersion: ${version}\nDescription: x\n y\n\n`;
const STATUS = dpkg('zlib1g-dev', '1:1.2', 'libdevel') + dpkg('tzdata', '2024a', 'localization');

/** A compiler that describes itself as GHC does. */
const COMPILER = (libdir: string): string =>
  `#!/bin/sh\necho ' [("Project version","9.0.2")'\necho ' ,("LibDir","${libdir}")'\necho ' ,("Global Package DB","${libdir}/package.conf.d")'\n`;

const tools = () => [
  { tool: 'ghc' as const, version: '9.0.2', path: at('usr/bin/ghc') },
  { tool: 'cabal' as const, version: '3.4.1.0', path: at('usr/bin/cabal') },
];

beforeEach(() => {
  folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-traits-'));
  write('var/lib/dpkg/status', STATUS);
  write('usr/bin/ghc', COMPILER(at('lib/ghc')), 0o755);
  write('usr/bin/cabal', '#!/bin/sh\nmkdir -p ~/.cabal && echo "-- default" > ~/.cabal/config\n', 0o755);
  write('usr/bin/gcc', 'the C compiler', 0o755);
  write('lib/ghc/settings', 'settings');
  write('lib/ghc/package.conf.d/base-4.15.conf', `name: base\nhaddock: ${at('home')}/doc`);
  write('usr/local/include/own.h', '#define OWN 1');
  write('home/.cabal/config', '-- a comment\nremote-repo-cache: ~/cache\npassword: one\n');
  const path = [at('home/.cabal/bin'), at('home/.local/bin'), at('usr/bin')];
  const env = { HOME: at('home'), PATH: '/usr/bin:/bin' };
  reader = new TraitReader({ root: folder, home: at('home'), homes: [at('home')], path, env, os: 'Debian 12' });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const seen = (traits: MachineTraits) => traitsSeen(traits, { ghc: '9.0.2', cabal: '3.4.1.0' });

/** What changes in the traits when something is done to the machine. */
async function changesBy(act: () => void): Promise<string[]> {
  const before = seen(await reader.read(tools()));
  act();
  return traitDifferences(before, seen(await reader.read(tools())));
}

describe('the traits of a machine', () => {
  it('name development packages, libraries, tools and configuration, readably', async () => {
    const parts = seen(await reader.read(tools()));
    expect(parts).toMatchObject({ system: 'Debian 12', 'package zlib1g-dev': '1:1.2' });
    expect(Object.keys(parts)).toEqual(
      expect.arrayContaining([
        'GHC 9.0.2: global library base-4.15',
        'GHC 9.0.2: settings',
        'cabal 3.4.1.0: program',
        'cabal configuration ~/.cabal/config',
        'program gcc',
        '/usr/local/include/own.h',
      ]),
    );
    expect(parts).not.toHaveProperty(['package tzdata']);
  });

  it.each<[string, () => void, string[]]>([
    ['nothing', () => undefined, []],
    [
      'a package that is installed',
      () => write('var/lib/dpkg/status', STATUS + dpkg('libghc-random-dev', '1.2', 'haskell')),
      ['package libghc-random-dev 1.2 is new'],
    ],
    [
      'a package that is removed, its configuration kept',
      () => write('var/lib/dpkg/status', dpkg('zlib1g-dev', '1:1.2', 'libdevel', 'deinstall ok config-files')),
      ['package zlib1g-dev 1:1.2 is gone'],
    ],
    [
      'a package that is upgraded',
      () => write('var/lib/dpkg/status', dpkg('zlib1g-dev', '1:1.3', 'libdevel')),
      ['package zlib1g-dev was 1:1.2, is 1:1.3'],
    ],
    ['a package that no build reads', () => write('var/lib/dpkg/status', STATUS + dpkg('vim', '9', 'editors')), []],
    [
      'a library of the user',
      () => write('home/.ghc/x86_64-linux-9.0.2/package.conf.d/mine-1.conf', 'name: mine'),
      [expect.stringMatching(/^GHC 9\.0\.2: user library mine-1 [0-9a-f]{12} is new$/) as string],
    ],
    ['a library of another compiler', () => write('home/.ghc/x86_64-linux-9.6.6/package.conf.d/mine-1.conf', 'x'), []],
    [
      'a registration edited in place',
      () => write('lib/ghc/package.conf.d/base-4.15.conf', 'name: base\nabi: other'),
      [expect.stringContaining('global library base-4.15 was') as string],
    ],
    ['a comment in the configuration of cabal', () => write('home/.cabal/config', 'remote-repo-cache: ~/cache\n'), []],
    ['a password in it', () => write('home/.cabal/config', 'remote-repo-cache: ~/cache\npassword: two\n'), []],
    [
      'a setting in it',
      () => write('home/.cabal/config', 'remote-repo-cache: ~/cache\noptimization: 2\n'),
      [expect.stringContaining('cabal configuration ~/.cabal/config was') as string],
    ],
    [
      'another index',
      () => write('home/.cabal/packages/hackage.haskell.org/01-index.tar', 'index'),
      ['package index hackage.haskell.org 5 bytes is new'],
    ],
    [
      'a tool of the user that comes before that of the system',
      () => write('home/.local/bin/gcc', 'another', 0o755),
      [expect.stringContaining('program gcc was') as string],
    ],
    [
      'any tool that cabal installed',
      () => write('home/.cabal/bin/my-preprocessor', 'x', 0o755),
      [expect.stringContaining('program my-preprocessor') as string],
    ],
    [
      'a header that no package manager knows',
      () => write('usr/local/include/own.h', '#define OWN 2'),
      [expect.stringContaining('/usr/local/include/own.h was') as string],
    ],
    [
      'a compiler that was replaced under its version',
      () => write('usr/bin/ghc', `${COMPILER(at('lib/ghc'))}# rebuilt\n`, 0o755),
      [expect.stringContaining('GHC 9.0.2: program was') as string],
    ],
  ])('say what a build may see after %s', async (_what, act, differences) => {
    expect(await changesBy(act)).toEqual(differences);
  });

  it('notice a content whose times were set back', async () => {
    const file = at('usr/local/include/own.h');
    const { atime, mtime } = statSync(file);
    const differences = await changesBy(() => {
      writeFileSync(file, readFileSync(file, 'utf8').replace('1', '2'));
      utimesSync(file, atime, mtime);
    });
    expect(differences).toHaveLength(1);
  });

  it('are the same in another home folder', async () => {
    const inHome = async (home: string) => {
      write(`${home}/.cabal/config`, `extra-prog-path: ${at(home)}/.cabal/bin\n`);
      write('lib/ghc/package.conf.d/base-4.15.conf', `haddock: ${at(home)}/doc`);
      const places = { root: folder, home: at(home), homes: [at(home)], path: [at('usr/bin')], env: {}, os: 'Debian' };
      return seen(await new TraitReader(places).read(tools()));
    };
    expect(traitDifferences(await inHome('one'), await inHome('two'))).toEqual([]);
  });

  it('do not change by the first command of cabal, which writes a configuration where there is none', async () => {
    rmSync(at('home/.cabal/config'));
    await reader.read(tools());
    expect(readFileSync(at('home/.cabal/config'), 'utf8')).toContain('default');
  });
});
