import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { journey } from './support/journey.js';
import { runLog } from './support/machine.js';
import { failed, failedTasks, outputOf, succeeded } from './support/nx-output.js';
import type { Ended } from './support/run-program.js';
import type { Files } from './support/small-project.js';
import { nx, writeTree } from './support/workspace.js';

const suite = (name: string, main: string, more = ''): string =>
  `test-suite ${name}\n  type: exitcode-stdio-1.0\n  main-is: ${main}\n  hs-source-dirs: test\n  default-language: Haskell2010\n${more}`;

/** A suite that binds the socket that tmp-postgres makes below TMPDIR: 53 characters. */
const socket: Files = {
  'socket/socket.cabal': `cabal-version: 2.4\nname: socket\nversion: 0.1\n${suite('socket-test', 'Main.hs', '  c-sources: cbits/bind.c\n  build-depends: base, directory\n')}`,
  'socket/test/Main.hs': `module Main (main) where

import Control.Monad (when)
import Foreign.C
import System.Directory
import System.Exit

foreign import ccall "bind_unix" bindUnix :: CString -> IO CInt

main :: IO ()
main = do
  temporary <- getTemporaryDirectory
  listDirectory temporary >>= \\found -> when (found /= []) (die ("not empty: " ++ show found))
  let folder = temporary ++ "/tmp-postgres-socket-88e650c49cd6880b"
  createDirectoryIfMissing True folder
  result <- withCString (folder ++ "/.s.PGSQL.63901") bindUnix
  if result == 0 then exitSuccess else exitFailure
`,
  'socket/cbits/bind.c': `#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
int bind_unix(const char *path) {
  struct sockaddr_un a;
  memset(&a, 0, sizeof a);
  a.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof a.sun_path) return -1;
  strcpy(a.sun_path, path);
  return bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof a);
}
`,
};

/** Suites that need what a test needs of its surroundings, or behave as tests behave now and then. */
const usual: Files = {
  'usual/usual.cabal':
    'cabal-version: 2.4\nname: usual\nversion: 0.1\nextra-source-files: test/grüße.txt\n' +
    suite('locale', 'Locale.hs', '  build-depends: base, template-haskell\n') +
    suite('input', 'Input.hs', '  build-depends: base\n') +
    suite('unfinished', 'Unfinished.hs', '  build-depends: base\n'),
  'usual/test/grüße.txt': 'Grüße, 日本\n',
  'usual/test/Locale.hs': `{-# LANGUAGE TemplateHaskell #-}

module Main (main) where

import Control.Monad (when)
import Language.Haskell.TH (litE, runIO, stringL)
import System.Exit (exitFailure)

main :: IO ()
main = do
  text <- readFile "test/grüße.txt"
  putStr text
  when (text /= $(runIO (readFile "test/grüße.txt") >>= litE . stringL)) exitFailure
`,
  'usual/test/Input.hs': `module Main (main) where

main :: IO ()
main = getContents >>= \\input -> putStrLn ("read " ++ show (length input))
`,
  'usual/test/Unfinished.hs': `module Main (main) where

main :: IO ()
main = putStr "10%\\r50%\\r100%"
`,
};

/** A suite that dies by a signal. */
const crashing: Files = {
  'crashing/crashing.cabal': `cabal-version: 2.4\nname: crashing\nversion: 0.1\n${suite('crash', 'Main.hs', '  build-depends: base, unix\n')}`,
  'crashing/test/Main.hs':
    'import System.Posix.Signals\n\nmain :: IO ()\nmain = putStrLn "before" >> raiseSignal sigSEGV\n',
};

/** Suites of the type of which cabal makes the program. */
const detailed: Files = {
  'detailed/detailed.cabal':
    'cabal-version: 2.4\nname: detailed\nversion: 0.1\ntest-suite cases\n  type: detailed-0.9\n  test-module: Cases\n  hs-source-dirs: test\n  build-depends: base, Cabal\n  default-language: Haskell2010\n',
  'detailed/test/Cases.hs': `module Cases (tests) where

import Distribution.TestSuite

tests :: IO [Test]
tests = pure [Test one]
  where
    one = TestInstance {run = pure (Finished Pass), name = "the only case", tags = [], options = [], setOption = \\_ _ -> Right one}
`,
};

/** A package with a library of its own besides the usual one, and a library for C programs. */
const libraries: Files = {
  'libraries/libraries.cabal':
    'cabal-version: 3.0\nname: libraries\nversion: 0.1\n' +
    'library\n  exposed-modules: Outer\n  build-depends: base, inner\n  default-language: Haskell2010\n' +
    'library inner\n  exposed-modules: Inner\n  hs-source-dirs: inner\n  build-depends: base\n  default-language: Haskell2010\n' +
    'foreign-library forc\n  type: native-shared\n  other-modules: ForC\n  hs-source-dirs: forc\n  build-depends: base\n  default-language: Haskell2010\n',
  'libraries/Outer.hs': 'module Outer where\n\nimport Inner\n\nouter :: Int\nouter = inner + 1\n',
  'libraries/inner/Inner.hs': 'module Inner where\n\ninner :: Int\ninner = 1\n',
  'libraries/forc/ForC.hs':
    '{-# LANGUAGE ForeignFunctionInterface #-}\n\nmodule ForC where\n\nforc :: Int\nforc = 1\n\nforeign export ccall forc :: Int\n',
};

describe('a run', () => {
  const workspace = journey({
    prepare: (workspace) => {
      writeTree(workspace, {
        'cabal.project': 'packages: socket usual crashing detailed libraries\n',
        ...socket,
        ...usual,
        ...crashing,
        ...detailed,
        ...libraries,
      });
      execFileSync('git', ['-C', workspace.root, 'add', '.']);
    },
  });
  const run = (task: string, env: Record<string, string> = {}): Promise<Ended> =>
    nx(workspace(), ['run', task], { env });
  const fetched = (project: string, folder: string): string[] =>
    readdirSync(join(workspace().root, 'dist/remote', project, folder)).sort();

  it('has a TMPDIR that leaves room for the sockets of tests, empty at first', async () => {
    succeeded(await run('socket:remote-test'));
  });

  it('has a locale for UTF-8 whatever the workstation has, an empty standard input, and a log as it was printed', async () => {
    succeeded(await run('usual:remote-test', { LANG: 'C', LC_ALL: 'C' }));
    const log = runLog(workspace(), 'usual', 'remote-test');
    expect(log).toContain('Grüße, 日本\n');
    expect(log).toContain('read 0\n');
    expect(log).toContain('10%\r50%\r100%');
  });

  it('fails with a suite that dies by a signal, in a batch for its own task only', async () => {
    const ended = failed(
      await nx(workspace(), [
        'run-many',
        '-t',
        'remote-test',
        '-p',
        'crashing,detailed,usual',
        '--skip-nx-cache',
        '--outputStyle=static',
      ]),
    );
    expect(failedTasks(ended)).toEqual(['crashing:remote-test']);
    expect(outputOf(ended, 'crashing:remote-test')).toMatch(/Nothing was printed by: crash\. .*a signal ended it/);
    expect(outputOf(ended, 'detailed:remote-test')).toContain('Test suite cases: PASS');
  });

  it('runs suites of type detailed-0.9 alone, and leaves their log', async () => {
    succeeded(await run('detailed:remote-test'));
    const folder = join(workspace().root, 'dist/remote/.runs/detailed/remote-test');
    const artifacts = readFileSync(join(folder, 'artifacts.json'), 'utf8');
    expect(artifacts).toContain('logs/detailed/cases/detailed-0.1-cases.log');
  });

  it('leaves each library beside its registration', async () => {
    succeeded(await run('libraries:fetch-artifacts'));
    expect(fetched('libraries', 'lib/libraries')).toEqual([
      'libHSlibraries-0.1-inplace-ghc9.0.2.so',
      'libHSlibraries-0.1-inplace-inner-ghc9.0.2.so',
      'libHSlibraries-0.1-inplace-inner.a',
      'libHSlibraries-0.1-inplace.a',
      'libraries-0.1-inplace-inner.conf',
      'libraries-0.1-inplace.conf',
    ]);
    expect(fetched('libraries', 'lib')).toEqual(['libforc.so', 'libraries']);
  });
});
