import { chmodSync, lutimesSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { writeTree } from '../../support/workspace.js';
import { bump, type Cluster, type EditKind, type Editing, replaceIn, wordEdit } from '../cluster.js';

const at = ({ workspace }: Editing, path: string): string => join(workspace.root, 'core', path);

const haskell = (name: string, word: string): string =>
  `module ${name} where\n\n${name.toLowerCase()} :: String\n${name.toLowerCase()} = ${JSON.stringify(word)}\n`;

const files = {
  'core/cabal.project': 'packages: lib\n          app\n          util\n',
  'core/cbits/total.h': '#define TOTAL "word0"\n',
  'core/cbits/total.c': '#include "total.h"\nconst char *total(void) { return "c-word0 " TOTAL; }\n',
  'core/lib/core-lib.cabal': `cabal-version: 2.4
name: core-lib
version: 1
flag loud
  default: False
  manual: True
library
  exposed-modules: Lib
  other-modules: Sized Limited Elsewhere
  hs-source-dirs: src other
  include-dirs: . include ../cbits
  c-sources: ../cbits/total.c
  build-depends: base, template-haskell
  default-language: Haskell2010
  cpp-options: -DFIELD_NUMBER=0
  if flag(loud)
    cpp-options: -DLOUD
test-suite core-lib-test
  type: exitcode-stdio-1.0
  main-is: Test.hs
  hs-source-dirs: test
  build-depends: base, core-lib, core-util, directory
  default-language: Haskell2010
`,
  'core/lib/src/Lib.hs': `{-# LANGUAGE CPP, TemplateHaskell #-}
module Lib (said, secret) where

import Elsewhere
import Foreign.C.String
import Language.Haskell.TH.Syntax
import Limited
import Sized
#include <test/word.h>

foreign import ccall "total" total :: IO CString

said :: IO [String]
said = do
  counted <- total >>= peekCString
  pure [counted, limited, sized, elsewhere, TESTED, show (FIELD_NUMBER :: Int), unlisted, loud, "lib-word0"]
  where
    unlisted = $(runIO (readFile "data/unlisted.txt") >>= lift . head . lines)
#ifdef LOUD
    loud = "loud"
#else
    loud = "quiet"
#endif

-- | Not in the interface: who only splices it does not see a change of it.
secret :: String
secret = concat ["secret-", "word0"]
{-# NOINLINE secret #-}
`,
  'core/lib/src/Limited.hs':
    '{-# LANGUAGE CPP #-}\nmodule Limited where\n\n#include "limit.h"\n\nlimited :: String\nlimited = LIMIT\n',
  'core/lib/src/Sized.hsc':
    'module Sized where\n\n#include "size.h"\n\nsized :: String\nsized = "size-" ++ show (#{const SIZE} :: Int)\n',
  'core/lib/other/Elsewhere.hs': haskell('Elsewhere', 'word0'),
  'core/lib/include/limit.h': '#define LIMIT "limit-word0"\n',
  'core/lib/include/size.h': '#define SIZE (40 + 0)\n',
  'core/lib/test/word.h': '#define TESTED "tested-word0"\n',
  'core/lib/data/unlisted.txt': 'word0\n',
  'core/lib/test/expected.txt': 'secret-word0\n',
  'core/lib/test/Test.hs': `module Main (main) where

import Control.Monad (unless)
import Lib
import System.Directory (doesFileExist)
import System.Exit (exitFailure)
import Util

-- | Compares with a file that it writes where it is not there yet, as golden tests do.
main :: IO ()
main = do
  words' <- said
  there <- doesFileExist "test/golden.txt"
  unless there (writeFile "test/golden.txt" (unlines words'))
  golden <- readFile "test/golden.txt"
  expected <- readFile "test/expected.txt"
  unless (golden == unlines words' && length expected > 0) exitFailure
  putStrLn util
`,
  'core/util/core-util.cabal': `cabal-version: 2.4
name: core-util
version: 1
library
  exposed-modules: Util
  build-depends: base
  default-language: Haskell2010
`,
  'core/util/Util.hs': haskell('Util', 'word0'),
  'core/shared/One.hs': haskell('Linked', 'one-word0'),
  'core/shared/Two.hs': haskell('Linked', 'two-word0'),
  'core/app/core-app.cabal': `cabal-version: 2.4
name: core-app
version: 1
executable core-app
  main-is: Main.hs
  other-modules: Linked
  hs-source-dirs: app
  build-depends: base, core-lib, directory, process, template-haskell
  default-language: Haskell2010
`,
  'core/app/say.sh': '#!/bin/sh\necho script-word0\n',
  'core/app/parts/one.txt': 'part-word0\n',
  'core/app/app/Main.hs': `{-# LANGUAGE TemplateHaskell #-}
module Main (main) where

import Data.List (sort)
import Language.Haskell.TH.Syntax
import Lib
import Linked
import System.Directory (executable, getPermissions, listDirectory)
import System.Environment (lookupEnv)

main :: IO ()
main = do
  words' <- said
  mapM_ putStrLn (words' ++ [linked, spliced, runs, listed, flavour])
  where
    spliced = $(lift secret)
    runs = $(runIO (getPermissions "say.sh") >>= lift . show . executable)
    listed = $(runIO (listDirectory "parts") >>= lift . unwords . sort)
    flavour = $(runIO (lookupEnv "FLAVOUR") >>= lift . maybe "plain" id)
`,
};

const fieldEdits: EditKind[] = [
  wordEdit('a field of a package description', 'core/lib/core-lib.cabal'),
  {
    name: 'the default of a flag',
    apply: (editing) => {
      const text = readFileSync(at(editing, 'lib/core-lib.cabal'), 'utf8');
      const [from, to] = text.includes('default: False') ? ['False', 'True'] : ['True', 'False'];
      replaceIn(editing, 'core/lib/core-lib.cabal', `default: ${from}`, `default: ${to}`);
    },
  },
  {
    name: 'a line of comment',
    apply: (editing) => {
      replaceIn(editing, 'core/lib/src/Lib.hs', /$/, `-- ${String(editing.serial)}\n`);
    },
  },
];

const projectEdits: EditKind[] = [
  {
    name: 'cabal.project.local comes or goes',
    apply: (editing) => {
      const there = statSync(at(editing, 'cabal.project.local'), { throwIfNoEntry: false }) !== undefined;
      const flag = 'package core-lib\n  flags: +loud\n';
      writeTree(editing.workspace, { 'core/cabal.project.local': there ? null : flag });
    },
  },
  {
    name: 'cabal.project.freeze comes or goes',
    apply: (editing) => {
      const there = statSync(at(editing, 'cabal.project.freeze'), { throwIfNoEntry: false }) !== undefined;
      const flag = 'constraints: core-lib +loud\n';
      writeTree(editing.workspace, { 'core/cabal.project.freeze': there ? null : flag });
    },
  },
  {
    name: 'compiler options in cabal.project',
    apply: (editing) => {
      const text = readFileSync(at(editing, 'cabal.project'), 'utf8').replace(/\npackage[^]*/, '\n');
      const options = editing.choose(['-O0', '-O1', '-DUNUSED', '-fno-warn-tabs']);
      writeTree(editing.workspace, {
        'core/cabal.project': `${text}\npackage core-lib\n  ghc-options: ${options} -optP-DN${String(editing.serial)}\n`,
      });
    },
  },
  {
    name: 'the order of lines in cabal.project, and its line ends',
    apply: (editing) => {
      const text = readFileSync(at(editing, 'cabal.project'), 'utf8');
      const crlf = text.includes('\r\n');
      writeTree(editing.workspace, {
        'core/cabal.project': crlf ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n'),
      });
    },
  },
];

const treeEdits: EditKind[] = [
  {
    name: 'a file moves to another source folder',
    apply: (editing) => {
      const [one, other] = ['lib/other/Elsewhere.hs', 'lib/src/Elsewhere.hs'].map((path) => at(editing, path));
      const isThere = statSync(one!, { throwIfNoEntry: false }) !== undefined;
      renameSync(isThere ? one! : other!, isThere ? other! : one!);
    },
  },
  {
    name: 'a module that no description lists comes or goes',
    apply: (editing) => {
      const path = 'core/app/app/Extra.hs';
      const there = statSync(join(editing.workspace.root, path), { throwIfNoEntry: false }) !== undefined;
      writeTree(editing.workspace, { [path]: there ? null : haskell('Extra', `word${String(editing.serial)}`) });
    },
  },
  {
    name: 'a file more or less in a folder that is listed while compiling',
    apply: (editing) => {
      const path = 'core/app/parts/two.txt';
      const there = statSync(join(editing.workspace.root, path), { throwIfNoEntry: false }) !== undefined;
      writeTree(editing.workspace, { [path]: there ? null : 'two\n' });
    },
  },
  {
    name: 'a right to execute',
    apply: (editing) => {
      const path = at(editing, 'app/say.sh');
      chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o755 : 0o644);
    },
  },
  {
    name: 'a link is turned, made a file, or a link again',
    apply: (editing) => {
      const path = at(editing, 'app/app/Linked.hs');
      rmSync(path);
      const to = editing.choose(['One', 'Two', 'file']);
      if (to === 'file') writeTree(editing.workspace, { 'core/app/app/Linked.hs': haskell('Linked', 'filed-word0') });
      else symlinkSync(`../../shared/${to}.hs`, path);
    },
  },
  wordEdit('what a link leads to', 'core/shared/One.hs', 'core/shared/Two.hs'),
  {
    name: 'a content changes, its time does not',
    apply: (editing) => {
      const path = editing.choose(['core/lib/data/unlisted.txt', 'core/lib/src/Lib.hs', 'core/lib/include/limit.h']);
      const { atimeMs, mtimeMs } = statSync(join(editing.workspace.root, path));
      bump(editing, path);
      // An hour back: Nx itself takes a file of the very same time for unchanged where its daemon does not watch.
      utimesSync(join(editing.workspace.root, path), atimeMs / 1000, mtimeMs / 1000 - 3600);
    },
  },
  {
    name: 'a time changes, the content does not',
    apply: (editing) => {
      const path = editing.choose(['lib/src/Lib.hs', 'lib/core-lib.cabal', 'app/app/Linked.hs', 'cabal.project']);
      lutimesSync(at(editing, path), new Date(), new Date());
    },
  },
];

/** A library with everything that a compiler reads, its tests, and a program. */
export const core: Cluster = {
  folder: 'core',
  packages: [
    { project: 'core-lib', tests: true },
    { project: 'core-util' },
    { project: 'core-app', executables: ['core-app'] },
  ],
  files,
  prepare: ({ root }) => {
    symlinkSync('../../shared/One.hs', join(root, 'core/app/app/Linked.hs'));
    chmodSync(join(root, 'core/app/say.sh'), 0o755);
  },
  edits: [
    wordEdit('a source', 'core/lib/src/Lib.hs', 'core/lib/other/Elsewhere.hs'),
    {
      name: 'a definition that is in no interface',
      apply: (editing) => {
        replaceIn(editing, 'core/lib/src/Lib.hs', /"secret-", "word\d+"/, `"secret-", "word${String(editing.serial)}"`);
      },
    },
    wordEdit('a file that is read while compiling and listed nowhere', 'core/lib/data/unlisted.txt'),
    wordEdit('a header', 'core/lib/include/limit.h'),
    {
      name: 'a header of an hsc file',
      apply: (editing) => {
        replaceIn(editing, 'core/lib/include/size.h', /\+ \d+\)/, `+ ${String(editing.serial)})`);
      },
    },
    wordEdit('a header in a folder of tests', 'core/lib/test/word.h'),
    wordEdit('a C source outside of the package', 'core/cbits/total.c'),
    wordEdit('a header outside of the package', 'core/cbits/total.h'),
    wordEdit('what tests read', 'core/lib/test/expected.txt'),
    {
      name: 'what tests read is emptied, or filled',
      apply: (editing) => {
        const empty = readFileSync(at(editing, 'lib/test/expected.txt'), 'utf8') === '';
        writeTree(editing.workspace, { 'core/lib/test/expected.txt': empty ? 'word0\n' : '' });
      },
    },
    wordEdit('a library that only tests use', 'core/util/Util.hs'),
    ...fieldEdits,
    ...projectEdits,
    ...treeEdits,
    {
      name: 'a source that does not compile, or does again',
      apply: (editing) => {
        const broken = readFileSync(at(editing, 'util/Util.hs'), 'utf8').includes('oops');
        writeTree(editing.workspace, {
          'core/util/Util.hs': haskell('Util', 'word0') + (broken ? '' : 'oops = True + 1 :: Int\n'),
        });
      },
    },
  ],
};
