import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { journey } from '../support/journey.js';
import { up } from '../support/machine.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import { nx, type NxOptions, writeTree, type Workspace } from '../support/workspace.js';

/** A change of one thing: files to write, whether the earlier build may answer, and what the program then says. */
interface Change {
  readonly what: string;
  readonly files: Readonly<Record<string, string | null>>;
  readonly hit: boolean;
  /** What has to stand in the program's output afterwards. */
  readonly says: string;
}

const wordModule = (name: string, word: string): string =>
  `module ${name} where\n\n${name.toLowerCase()} :: String\n${name.toLowerCase()} = ${JSON.stringify(word)}\n`;

const library = (name: string, module: string): string =>
  `cabal-version: 2.4\nname: ${name}\nversion: 1\nextra-source-files: test/golden/*.txt\nlibrary\n  exposed-modules: ${module}\n  build-depends: base\n  default-language: Haskell2010\n`;

/** A program that prints a word from everywhere that a build can read. */
const project: Readonly<Record<string, string>> = {
  'nx.json': JSON.stringify({
    plugins: ['build-machines'],
    namedInputs: { haskell: ['default'] },
    analytics: false,
    neverConnectToCloud: true,
  }),
  'cabal.project': 'packages: packages/*/*.cabal\n',
  'packages/core/core.cabal': `${library('core', 'Core')}  hs-source-dirs: src ../common\n  other-modules: Common\n`,
  'packages/core/src/Core.hs':
    'module Core (core, common, spliced) where\n\nimport Common\n\ncore :: String\ncore = "core-1"\n\n-- Not in the interface: who only reads that does not see a change.\nspliced :: String\nspliced = concat ["spliced", "-1"]\n{-# NOINLINE spliced #-}\n',
  'packages/common/Common.hs': wordModule('Common', 'common-1'),
  'packages/core/test/golden/old.txt': 'old\n',
  'packages/plain/plain.cabal': `${library('plain', 'Plain')}  hs-source-dirs: src
test-suite plain-test
  type: exitcode-stdio-1.0
  main-is: Test.hs
  hs-source-dirs: test
  build-depends: base, plain, fixture
  default-language: Haskell2010
`,
  'packages/fixture/fixture.cabal': `${library('fixture', 'Fixture')}  hs-source-dirs: src\n`,
  'packages/fixture/src/Fixture.hs': wordModule('Fixture', 'fixture-1'),
  'packages/fixture/test/golden/old.txt': 'old\n',
  'packages/plain/src/Plain.hs': wordModule('Plain', 'plain-1'),
  'packages/plain/test/Test.hs': 'main :: IO ()\nmain = pure ()\n',
  'packages/plain/test/golden/old.txt': 'old\n',
  'packages/plain/README.md': '# plain\n',
  'packages/other/other.cabal': `${library('other', 'Other')}  hs-source-dirs: src\n`,
  'packages/other/src/Other.hs': wordModule('Other', 'other-1'),
  'packages/other/test/golden/old.txt': 'old\n',
  'shared/One.hs': wordModule('Linked', 'one-1'),
  'shared/Two.hs': wordModule('Linked', 'two-1'),
  'packages/app/app.cabal': `cabal-version: 2.4
name: app
version: 1
license-file: ../../LICENSE
executable app
  main-is: Main.hs
  hs-source-dirs: app
  other-modules: Limited Linked Sized
  c-sources: cbits/total.c
  include-dirs: include
  build-depends: base, core, plain, template-haskell
  default-language: Haskell2010
`,
  LICENSE: 'free\n',
  'packages/app/include/limit.h': '#define LIMIT 7\n',
  'packages/app/app/Limited.hs':
    '{-# LANGUAGE CPP #-}\nmodule Limited where\n\n#include "limit.h"\n\nlimited :: String\nlimited = "limit-" ++ show (LIMIT :: Int)\n',
  'packages/app/include/size.h': '#define SIZE 41\n',
  'packages/app/app/Sized.hsc':
    'module Sized where\n\n#include "size.h"\n\nsized :: String\nsized = "size-" ++ show (#{const SIZE} :: Int)\n',
  'packages/app/include/total.h': '#define TOTAL 100\n',
  'packages/app/cbits/total.c': '#include "total.h"\nint total(void) { return TOTAL; }\n',
  'packages/app/words.txt': 'embedded-1',
  'packages/app/read.txt': 'read-1',
  'packages/app/app/Main.hs': `{-# LANGUAGE TemplateHaskell #-}
module Main (main) where

import Core
import Language.Haskell.TH.Syntax
import Limited
import Linked
import Plain
import Sized
import System.Environment (lookupEnv)

foreign import ccall "total" total :: Int

main :: IO ()
main = putStrLn (unwords [core, common, plain, linked, limited, sized, counted, embedded, unrecorded, copied, flavour])
  where
    counted = "total-" ++ show total
    embedded = $(addDependentFile "words.txt" >> runIO (readFile "words.txt") >>= lift)
    unrecorded = $(runIO (readFile "read.txt") >>= lift)
    copied = $(lift spliced)
    flavour = $(runIO (lookupEnv "FLAVOUR") >>= lift . maybe "plain" ("of " ++))
`,
};

const changes: readonly Change[] = [
  { what: 'nothing', files: {}, hit: true, says: 'core-1' },
  { what: "a dependency's README", files: { 'packages/plain/README.md': '# other\n' }, hit: false, says: 'plain-1' },
  {
    what: "a dependency's test",
    files: { 'packages/plain/test/Test.hs': 'main :: IO ()\nmain = putStrLn "tested"\n' },
    hit: false,
    says: 'plain-1',
  },
  {
    what: "what only a dependency's tests need",
    files: { 'packages/fixture/src/Fixture.hs': wordModule('Fixture', 'fixture-2') },
    hit: true,
    says: 'plain-1',
  },
  {
    what: 'what a declared pattern matches: one file more',
    files: { 'packages/plain/test/golden/new.txt': 'new\n' },
    hit: false,
    says: 'plain-1',
  },
  {
    what: 'a package that is not needed',
    files: { 'packages/other/src/Other.hs': wordModule('Other', 'other-2') },
    hit: true,
    says: 'core-1',
  },
  {
    what: "a dependency's source",
    files: { 'packages/core/src/Core.hs': project['packages/core/src/Core.hs']!.replace('core-1', 'core-2') },
    hit: false,
    says: 'core-2',
  },
  {
    what: 'a source folder outside of the dependency that has it',
    files: { 'packages/common/Common.hs': wordModule('Common', 'common-2') },
    hit: false,
    says: 'common-2',
  },
  {
    what: 'the file behind a symbolic link',
    files: { 'shared/One.hs': wordModule('Linked', 'one-2') },
    hit: false,
    says: 'one-2',
  },
  {
    what: 'a file that Template Haskell embeds',
    files: { 'packages/app/words.txt': 'embedded-2' },
    hit: false,
    says: 'embedded-2',
  },
  {
    what: 'a C header that a module includes',
    files: { 'packages/app/include/limit.h': '#define LIMIT 8\n' },
    hit: false,
    says: 'limit-8',
  },
  {
    what: 'a C header behind a preprocessor',
    files: { 'packages/app/include/size.h': '#define SIZE 42\n' },
    hit: false,
    says: 'size-42',
  },
  {
    what: 'a C header of a C source',
    files: { 'packages/app/include/total.h': '#define TOTAL 101\n' },
    hit: false,
    says: 'total-101',
  },
  {
    what: 'a file that code reads at compile time without recording it',
    files: { 'packages/app/read.txt': 'read-2' },
    hit: false,
    says: 'read-2',
  },
  {
    what: 'a definition of a dependency that is used at compile time only',
    files: {
      'packages/core/src/Core.hs': project['packages/core/src/Core.hs']!.replace('core-1', 'core-2').replace(
        '"-1"',
        '"-2"',
      ),
    },
    hit: false,
    says: 'spliced-2',
  },
  {
    what: 'the source of a preprocessor',
    files: { 'packages/app/app/Sized.hsc': project['packages/app/app/Sized.hsc']!.replace('size-', 'size is ') },
    hit: false,
    says: 'size is 42',
  },
  { what: 'a license outside of the package', files: { LICENSE: 'freer\n' }, hit: false, says: 'core-2' },
  { what: 'a file of no package', files: { 'notes/unrelated.txt': 'x\n' }, hit: true, says: 'core-2' },
  {
    what: 'a freeze file',
    files: { 'cabal.project.freeze': 'constraints: any.core ==1\n' },
    hit: false,
    says: 'core-2',
  },
  {
    what: 'a local project file',
    files: { 'cabal.project.local': 'package plain\n  ghc-options: -fno-warn-orphans\n' },
    hit: false,
    says: 'plain-1',
  },
  {
    what: 'a module that is gone, and its mention',
    files: {
      'packages/core/src/Core.hs': project['packages/core/src/Core.hs']!.replace('core-1', 'core-3').replace(
        'import Common\n',
        'common :: String\ncommon = "alone"\n',
      ),
      'packages/core/core.cabal': `${library('core', 'Core')}  hs-source-dirs: src\n`,
      'packages/common/Common.hs': null,
    },
    hit: false,
    says: 'core-3 alone',
  },
];

/** What the program that was fetched prints. */
function says(workspace: Workspace): string {
  const folder = join(workspace.root, 'dist/remote/app');
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const program = entries.find((entry) => entry.isFile() && entry.name === 'app');
  if (program === undefined) throw new Error(`no program in ${folder}: ${entries.map(({ name }) => name).join(', ')}`);
  return execFileSync(join(program.parentPath, program.name), { encoding: 'utf8' });
}

describe('with the daemon of Nx and a real machine', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, project);
      symlinkSync('../../../shared/One.hs', join(made.root, 'packages/app/app/Linked.hs'));
    },
  });
  const build = async (options: NxOptions = {}): Promise<boolean> => {
    const ended = succeeded(await nx(workspace(), ['run', 'app:fetch-artifacts'], { daemon: true, ...options }));
    return isCacheHit(ended, 'app:remote-build');
  };

  beforeAll(async () => {
    expect(await build()).toBe(false);
    expect(says(workspace())).toContain(
      'core-1 common-1 plain-1 one-1 limit-7 size-41 total-100 embedded-1 read-1 spliced-1 plain',
    );
  });

  it.each(changes.map((change) => [change.what, change] as const))(
    'the build after a change of %s',
    async (_what, change) => {
      writeTree(workspace(), change.files);
      expect({ hit: await build(), says: says(workspace()) }).toEqual({
        hit: change.hit,
        says: expect.stringContaining(change.says) as string,
      });
    },
  );

  it('is another one after a symbolic link is turned to another file', async () => {
    writeTree(workspace(), { 'packages/app/app/Linked.hs': null });
    symlinkSync('../../../shared/Two.hs', join(workspace().root, 'packages/app/app/Linked.hs'));
    expect(await build()).toBe(false);
    expect(says(workspace())).toContain('two-1');
  });

  it('is another one after what the machine is made of changed', async () => {
    expect(await build()).toBe(true);
    const tool = join(workspace().workstation.state, 'sandboxes/sandbox/home/.cabal/bin/my-preprocessor');
    mkdirSync(dirname(tool), { recursive: true });
    writeFileSync(tool, '#!/bin/sh\n', { mode: 0o755 });
    await up(workspace());
    expect(await build()).toBe(false);
    expect(await build()).toBe(true);
  });

  it('passes no variable to the machine whose value Nx does not hash', async () => {
    const passed = { daemon: true, env: { FLAVOUR: 'mint' } };
    const refused = failed(await nx(workspace(), ['run', 'app:remote-build', '--env=FLAVOUR'], passed));
    expect(refused.output).toContain('app:remote-build passes FLAVOUR to the machine');
    expect(refused.output).toContain('"inputs": ["...", {"env":"FLAVOUR"}]');
  });

  it('is another one for each value of a variable that is passed', async () => {
    const target = { options: { env: ['FLAVOUR'] }, inputs: ['...', { env: 'FLAVOUR' }] };
    writeTree(workspace(), {
      'packages/app/project.json': JSON.stringify({ name: 'app', targets: { 'remote-build': target } }),
    });
    expect(await build({ env: { FLAVOUR: 'mint' } })).toBe(false);
    expect(says(workspace())).toContain('of mint');
    expect(await build({ env: { FLAVOUR: 'lime' } })).toBe(false);
    expect(says(workspace())).toContain('of lime');
    expect(await build({ env: { FLAVOUR: 'mint' } })).toBe(true);
    writeTree(workspace(), { 'packages/app/words.txt': 'embedded-3' });
    expect(await build({ env: { FLAVOUR: 'mint' } })).toBe(false);
    expect(says(workspace())).toContain('embedded-3');
  });

  it("is another one for each value in a project's .env file, in a batch, too", async () => {
    for (const flavour of ['rose', 'sage']) {
      writeTree(workspace(), { 'packages/app/.env': `FLAVOUR=${flavour}\n` });
      expect(await build()).toBe(false);
      expect(says(workspace())).toContain(`of ${flavour}`);
    }
  });
});
