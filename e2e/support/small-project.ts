/** Files of a project, by path. */
export type Files = Record<string, string>;

/**
 * One cabal package in a folder of its name, with its own cabal.project: a library of two modules, a program that prints
 * `word`, a test suite. Builds in seconds, with nothing but base.
 */
export function smallProject(name: string, word: string): Files {
  return {
    [`${name}/cabal.project`]: 'packages: .\n',
    [`${name}/${name}.cabal`]: `cabal-version:      2.4
name:               ${name}
version:            0.1.0
build-type:         Simple

common shared
  default-language: Haskell2010
  build-depends:    base
  ghc-options:      -Wall

library
  import:           shared
  exposed-modules:  Said
                    Word
  hs-source-dirs:   src

executable ${name}
  import:           shared
  main-is:          Main.hs
  hs-source-dirs:   app
  build-depends:    ${name}

test-suite ${name}-test
  import:           shared
  type:             exitcode-stdio-1.0
  main-is:          Test.hs
  hs-source-dirs:   test
  build-depends:    ${name}
`,
    [`${name}/src/Word.hs`]: wordModule(word),
    [`${name}/src/Said.hs`]:
      'module Said (said) where\n\nimport Word (word)\n\nsaid :: String\nsaid = "it said " ++ word\n',
    [`${name}/app/Main.hs`]: 'module Main (main) where\n\nimport Said (said)\n\nmain :: IO ()\nmain = putStrLn said\n',
    [`${name}/test/Test.hs`]:
      'module Main (main) where\n\nimport Control.Monad (unless)\nimport Said (said)\nimport System.Exit (exitFailure)\n\n' +
      'main :: IO ()\nmain = unless (take 8 said == "it said ") exitFailure\n',
  };
}

/** The module of {@link smallProject} that holds its word; not inlined, so that a new word changes this module only. */
export function wordModule(word: string): string {
  return `module Word (word) where\n\nword :: String\nword = ${JSON.stringify(word)}\n{-# NOINLINE word #-}\n`;
}

/**
 * A package whose compilation stops until the file `gate` exists (five minutes at most), so that a test can act in the
 * middle of a build. It adds a line to `<gate>.runs` each time, so that a test can tell how often it was compiled, and
 * writes `<gate>.waiting` when it stops: of a batch, only the lines that tell of progress are shown while it runs.
 */
export function gatedProject(name: string, gate: string): Files {
  return {
    [`${name}/cabal.project`]: 'packages: .\n',
    [`${name}/${name}.cabal`]: `cabal-version:      2.4
name:               ${name}
version:            0.1.0
build-type:         Simple

executable ${name}
  main-is:          Main.hs
  hs-source-dirs:   app
  build-depends:    base, directory, template-haskell
  default-language: Haskell2010
`,
    [`${name}/app/Main.hs`]: `{-# LANGUAGE TemplateHaskell #-}

module Main (main) where

import Control.Concurrent (threadDelay)
import Language.Haskell.TH.Syntax (lift, runIO)
import System.Directory (doesFileExist)
import System.IO (hFlush, stdout)

main :: IO ()
main =
  putStrLn
    $( do
        runIO $ do
          let say text = putStrLn text >> hFlush stdout
              gate = ${JSON.stringify(gate)}
              wait :: Int -> IO ()
              wait left = do
                open <- doesFileExist gate
                if open || left == 0 then pure () else threadDelay 50000 >> wait (left - 1)
          appendFile (gate ++ ".runs") "compiled\\n"
          mapM_ (\\number -> say ("before the gate, line " ++ show number)) [1 .. 200 :: Int]
          say "waiting at the gate"
          writeFile (gate ++ ".waiting") ""
          wait 6000
          say "through the gate"
        lift "built"
     )
`,
  };
}
