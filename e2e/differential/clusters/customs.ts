import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, executable, wordEdit } from '../cluster.js';

/** Packages whose own programs take part in their build. */
export const customs: Cluster = {
  folder: 'cust',
  packages: [
    { project: 'cust-configure', executables: ['cust-configure'] },
    { project: 'cust-setup', executables: ['cust-setup'] },
  ],
  files: {
    'cust/cabal.project': 'packages: configure setup\n',
    'cust/configure/cust-configure.cabal': executable(
      'cust-configure',
      'build-type: Configure\nextra-tmp-files: cust-configure.buildinfo\n',
      '  include-dirs: include\n',
    ),
    // Cabal runs it in a build folder.
    'cust/configure/configure': `#!/bin/sh
sources=$(dirname "$0")
read word < "$sources/word.txt"
mkdir -p "$sources/include"
echo "#define CONFIGURED \\"configured-$word\\"" > "$sources/include/configured.h"
echo "executable: cust-configure" > cust-configure.buildinfo
echo "cpp-options: -DINFO_NUMBER=\${word#word}" >> cust-configure.buildinfo
`,
    'cust/configure/word.txt': 'word0\n',
    'cust/configure/Main.hs':
      '{-# LANGUAGE CPP #-}\nmodule Main (main) where\n\n#include "configured.h"\n\nmain :: IO ()\nmain = putStrLn (CONFIGURED ++ show (INFO_NUMBER :: Int) ++ "-word0")\n',
    'cust/setup/cust-setup.cabal': executable(
      'cust-setup',
      'build-type: Custom\ncustom-setup\n  setup-depends: base, Cabal, directory, filepath\n',
      '  other-modules: Made\n  autogen-modules: Made\n',
    ),
    'cust/setup/Setup.hs': `import Distribution.Simple
import Distribution.Simple.BuildPaths (autogenComponentModulesDir)
import Distribution.Simple.LocalBuildInfo (withExeLBI)
import System.Directory (createDirectoryIfMissing)
import System.FilePath ((</>))
import Word (said)

main :: IO ()
main = defaultMainWithHooks simpleUserHooks { buildHook = \\pkg lbi hooks flags -> make pkg lbi >> buildHook simpleUserHooks pkg lbi hooks flags }
  where
    make pkg lbi = withExeLBI pkg lbi $ \\_ clbi -> do
      let folder = autogenComponentModulesDir lbi clbi
      createDirectoryIfMissing True folder
      writeFile (folder </> "Made.hs") ("module Made where\\n\\nmade :: String\\nmade = " ++ show said ++ "\\n")
`,
    'cust/setup/Word.hs': 'module Word where\n\nsaid :: String\nsaid = "word0"\n',
    'cust/setup/Main.hs':
      'module Main (main) where\n\nimport Made\n\nmain :: IO ()\nmain = putStrLn (made ++ " main-word0")\n',
  },
  prepare: ({ root }) => {
    chmodSync(join(root, 'cust/configure/configure'), 0o755);
  },
  edits: [
    wordEdit('what ./configure reads', 'cust/configure/word.txt'),
    wordEdit('a source beside ./configure', 'cust/configure/Main.hs'),
    wordEdit('a module of Setup', 'cust/setup/Word.hs'),
    wordEdit('a source beside a Setup', 'cust/setup/Main.hs'),
  ],
};
