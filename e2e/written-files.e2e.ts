import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesNamed } from './support/digests.js';
import { journey } from './support/journey.js';
import { failed, succeeded } from './support/nx-output.js';
import { nx, runIn, writeTree, type NxOptions, type Workspace } from './support/workspace.js';

/** A package whose test makes its golden file when there is none, as tasty-golden does, and compares when there is one. */
const gold = {
  'gold/cabal.project': 'packages: .\n',
  'gold/gold.cabal': `cabal-version: 2.4
name:          gold
version:       0.1.0
build-type:    Simple

library
  exposed-modules:  Gold
  hs-source-dirs:   src
  build-depends:    base
  default-language: Haskell2010

test-suite gold-test
  type:             exitcode-stdio-1.0
  main-is:          Test.hs
  hs-source-dirs:   test
  build-depends:    base, directory, gold
  default-language: Haskell2010
`,
  'gold/src/Gold.hs': 'module Gold (gold) where\n\ngold :: String\ngold = "first"\n',
  'gold/test/Test.hs': `module Main (main) where

import Gold (gold)
import System.Directory (doesFileExist)
import System.Exit (exitFailure)

main :: IO ()
main = do
  present <- doesFileExist "test/g.golden"
  if not present
    then writeFile "test/g.golden" gold >> putStrLn "the golden file was made"
    else do
      expected <- readFile "test/g.golden"
      if expected == gold then putStrLn "the golden file is the same" else exitFailure
`,
};

/** A package whose configure script makes what its build needs, in its own folder. */
const conf = {
  'conf/cabal.project': 'packages: .\n',
  'conf/conf.cabal': `cabal-version:      2.4
name:               conf
version:            0.1.0
build-type:         Configure
extra-source-files: configure
                    word.txt
extra-tmp-files:    conf.buildinfo
                    made.h

executable conf
  main-is:          Main.hs
  build-depends:    base
  default-language: Haskell2010
  include-dirs:     .
`,
  // Cabal runs it in the folder of the build.
  'conf/configure': `#!/bin/sh
source=$(dirname "$0")
echo "#define MADE \\"$(cat "$source/word.txt")\\"" > "$source/made.h"
echo "executable: conf" > conf.buildinfo
echo "cpp-options: -DINFO=\\"$(cat "$source/word.txt")\\"" >> conf.buildinfo
`,
  'conf/word.txt': 'one',
  'conf/Main.hs': `{-# LANGUAGE CPP #-}
module Main (main) where
#include "made.h"

main :: IO ()
main = putStrLn (MADE ++ " of " ++ INFO)
`,
};

/** Packages that share a C source outside of their folders; cabal puts its object outside of their outputs. */
const native = (name: string, value: number) => ({
  [`c/${name}/${name}.cabal`]: `cabal-version: 2.4
name:          ${name}
version:       0.1.0
build-type:    Simple

library
  exposed-modules:  K
  hs-source-dirs:   src
  build-depends:    base
  default-language: Haskell2010
  c-sources:        ../../cbits/k.c
  include-dirs:     ../../cbits
  cc-options:       -DOWN=${value}

executable ${name}
  main-is:          Main.hs
  build-depends:    base, ${name}
  default-language: Haskell2010
`,
  [`c/${name}/src/K.hs`]: 'module K (k) where\n\nforeign import ccall "k" k :: Int\n',
  [`c/${name}/Main.hs`]: 'module Main (main) where\n\nimport K (k)\n\nmain :: IO ()\nmain = print k\n',
});

async function says(workspace: Workspace, project: string): Promise<string> {
  succeeded(await nx(workspace, ['run', `${project}:fetch-artifacts`]));
  const [program] = filesNamed(join(workspace.root, `dist/remote/${project}`), project);
  return succeeded(await runIn(workspace, '.', program!, [])).output.trim();
}

describe('files that runs write beside their sources', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, {
        ...gold,
        ...conf,
        ...native('north', 100),
        ...native('south', 200),
        'cabal.project': 'packages: c/*\n',
        'cbits/k.c': '#include "k.h"\nint k(void) { return K + OWN; }\n',
        'cbits/k.h': '#define K 1\n',
      });
    },
  });
  const golden = (): string => join(workspace().root, 'gold/test/g.golden');
  const test = (words: readonly string[] = [], options: NxOptions = {}) =>
    nx(workspace(), ['run', 'gold:remote-test', ...words], options);
  const skip = ['--skip-nx-cache'];

  it('give a warm machine the same outcome as a clean one: each run makes the golden file anew', async () => {
    for (const words of [[], skip]) {
      const { output } = succeeded(await test(words));
      expect(output).toContain('the golden file was made');
      expect(output).toContain('gold/test/g.golden. To keep it here: nx run gold:remote-test --accept --skip-nx-cache');
      expect(existsSync(golden())).toBe(false);
    }
  });

  it('are not brought home by a task that Nx caches, which is told how', async () => {
    expect(failed(await test(['--accept'])).output).toContain('nx run gold:remote-test --accept --skip-nx-cache');
    expect(existsSync(golden())).toBe(false);
  });

  it('come home with --accept, also a second time although nothing here has changed', async () => {
    for (let time = 0; time < 2; time++) {
      const { output } = succeeded(await test(['--accept', '--skip-nx-cache']));
      expect(output).toContain('gold/test/g.golden: new');
      expect(readFileSync(golden(), 'utf8')).toBe('first');
      if (time === 0) rmSync(golden());
    }
  });

  it('are compared once they are here, and replaced when the user asks for it', async () => {
    expect(succeeded(await test()).output).toContain('the golden file is the same');
    writeTree(workspace(), { 'gold/src/Gold.hs': gold['gold/src/Gold.hs'].replace('first', 'second') });
    failed(await test());
    rmSync(golden());
    expect(succeeded(await test(['--accept=test/*.txt', '--skip-nx-cache'])).output).toContain('To keep it here');
    expect(existsSync(golden())).toBe(false);
    succeeded(await test(['--accept=test/*.golden', '--skip-nx-cache']));
    expect(readFileSync(golden(), 'utf8')).toBe('second');
    expect(succeeded(await test()).output).toContain('the golden file is the same');
  });

  it('make a package that configures itself be configured anew', async () => {
    expect(await says(workspace(), 'conf')).toBe('one of one');
    writeTree(workspace(), { 'conf/word.txt': 'two' });
    expect(await says(workspace(), 'conf')).toBe('two of two');
    writeTree(workspace(), { 'conf/Main.hs': conf['conf/Main.hs'].replace(' of ', ' or ') });
    expect(await says(workspace(), 'conf')).toBe('two or two');
  });

  it('are no objects either that cabal puts outside of the outputs of a package', async () => {
    expect([await says(workspace(), 'north'), await says(workspace(), 'south')]).toEqual(['101', '201']);
    writeTree(workspace(), { 'cbits/k.h': '#define K 2\n' });
    expect([await says(workspace(), 'north'), await says(workspace(), 'south')]).toEqual(['102', '202']);
    writeTree(workspace(), {
      'c/north/Main.hs': 'module Main (main) where\n\nimport K (k)\n\nmain :: IO ()\nmain = print (k, k)\n',
    });
    expect(await says(workspace(), 'north')).toBe('(102,102)');
  });
});
