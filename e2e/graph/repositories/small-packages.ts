import type { Files } from '../../support/small-project.js';

/** A word as a module that exports it under the name of the package. */
const moduleOf = (name: string): string =>
  name.replace(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase());
const valueOf = (name: string): string => name.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());

/** The module of {@link library}. */
export function wordModule(name: string, word: string): string {
  return `module ${moduleOf(name)} where\n\n${valueOf(name)} :: String\n${valueOf(name)} = ${JSON.stringify(word)}\n{-# NOINLINE ${valueOf(name)} #-}\n`;
}

/** The *.cabal file of {@link library}. */
export function libraryCabal(name: string, needs: readonly string[] = []): string {
  return `cabal-version: 2.4\nname: ${name}\nversion: 0.1\nbuild-type: Simple\nlibrary\n  hs-source-dirs: src\n  exposed-modules: ${moduleOf(name)}\n  build-depends: ${['base', ...needs].join(', ')}\n  default-language: Haskell2010\n`;
}

/** A library of one module, which says a word. */
export function library(folder: string, name: string, word: string, needs: readonly string[] = []): Files {
  return {
    [`${folder}/${name}.cabal`]: libraryCabal(name, needs),
    [`${folder}/src/${moduleOf(name)}.hs`]: wordModule(name, word),
  };
}

/** The module of {@link program}. */
export function printing(needs: readonly string[]): string {
  return `module Main (main) where\n\n${needs.map((need) => `import ${moduleOf(need)}\n`).join('')}\nmain :: IO ()\nmain = putStrLn (unwords [${needs.map(valueOf).join(', ')}])\n`;
}

/** A program that prints the words of libraries. */
export function program(folder: string, name: string, needs: readonly string[]): Files {
  return {
    [`${folder}/${name}.cabal`]: `cabal-version: 2.4\nname: ${name}\nversion: 0.1\nbuild-type: Simple\nexecutable ${name}\n  hs-source-dirs: app\n  main-is: Main.hs\n  build-depends: ${['base', ...needs].join(', ')}\n  default-language: Haskell2010\n`,
    [`${folder}/app/Main.hs`]: printing(needs),
  };
}
