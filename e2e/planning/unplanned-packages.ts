import type { Files } from '../support/small-project.js';

interface Wanted {
  /** Further dependencies, by kind of component. */
  readonly library?: string;
  readonly test?: string;
  readonly benchmark?: string;
}

/** A library with a test suite and a benchmark, in a folder of its name, with further dependencies. */
export function packageNeeding(name: string, { library, test, benchmark }: Wanted = {}): Files {
  const depends = (...all: (string | undefined)[]): string =>
    `  build-depends: ${all.filter((one) => one !== undefined).join(', ')}\n  default-language: Haskell2010\n`;
  const program = (kind: string, component: string, further: string | undefined): string =>
    `${kind} ${component}\n  type: exitcode-stdio-1.0\n  main-is: Main.hs\n  hs-source-dirs: test\n${depends('base', name, further)}`;
  return {
    [`${name}/${name}.cabal`]:
      `cabal-version: 2.4\nname: ${name}\nversion: 0.1\n` +
      `library\n  exposed-modules: Word.${name.toUpperCase()}\n  hs-source-dirs: src\n${depends('base', library)}` +
      program('test-suite', `${name}-test`, test) +
      program('benchmark', `${name}-bench`, benchmark),
    [`${name}/src/Word/${name.toUpperCase()}.hs`]: `module Word.${name.toUpperCase()} where\n\nword :: String\nword = "word of ${name}"\n`,
    [`${name}/test/Main.hs`]: `import Word.${name.toUpperCase()}\n\nmain :: IO ()\nmain = putStrLn word\n`,
  };
}
