import { writeTree } from '../../support/workspace.js';
import { type Cluster, wordEdit } from '../cluster.js';

/** Packages described for hpack, which share definitions. */
export const hpack: Cluster = {
  folder: 'hp',
  packages: [{ project: 'hp-lib' }, { project: 'hp-app', executables: ['hp-app'], tests: true }],
  files: {
    'hp/cabal.project': 'packages: lib app\n',
    'hp/common/with-lib.yaml': 'dependencies:\n  - hp-lib\ncpp-options: -DDEFAULTS_NUMBER=0\n',
    'hp/common/options.yaml': 'cpp-options: -DINCLUDED_NUMBER=0\n',
    'hp/lib/package.yaml': `name: hp-lib
version: 1
<<: !include "../common/options.yaml"
library:
  source-dirs: src
  dependencies: base
`,
    'hp/lib/src/Hp.hs':
      '{-# LANGUAGE CPP #-}\nmodule Hp where\n\nhp :: String\nhp = show (INCLUDED_NUMBER :: Int) ++ "-lib-word0"\n',
    'hp/app/package.yaml': `name: hp-app
version: 1
defaults:
  local: ../common/with-lib.yaml
dependencies: base
executable:
  main: Main.hs
  source-dirs: app
tests:
  hp-test:
    main: Test.hs
    source-dirs: test
`,
    'hp/app/app/Main.hs':
      '{-# LANGUAGE CPP #-}\nmodule Main (main) where\n\nimport Hp\n\nmain :: IO ()\nmain = putStrLn (hp ++ show (DEFAULTS_NUMBER :: Int) ++ "-app-word0")\n',
    'hp/app/test/Test.hs': 'module Main (main) where\n\nimport Hp\n\nmain :: IO ()\nmain = putStrLn hp\n',
  },
  edits: [
    wordEdit('what hpack includes', 'hp/common/options.yaml'),
    wordEdit('defaults of hpack', 'hp/common/with-lib.yaml'),
    wordEdit('a source of an hpack package', 'hp/lib/src/Hp.hs', 'hp/app/app/Main.hs'),
    {
      name: 'a module more, which hpack finds by itself',
      apply: ({ workspace, serial }) => {
        writeTree(workspace, { 'hp/lib/src/More.hs': `module More where\n\nmore :: Int\nmore = ${String(serial)}\n` });
      },
    },
  ],
};
