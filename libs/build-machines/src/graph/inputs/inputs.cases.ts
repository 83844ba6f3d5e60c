/**
 * A workspace and changes to it, with what each must do to the cache entry of a target. The unit test judges them by the
 * inferred filesets; the end-to-end test applies them and lets Nx decide.
 */
export interface InputCase {
  /** What is changed, in words. */
  readonly change: string;
  /** File to change, relative to the workspace. */
  readonly path: string;
  /** New content; null deletes the file. */
  readonly content: string | null;
  readonly project: string;
  readonly target: string;
  /** Whether the target's earlier result must still be used. */
  readonly expectedHit: boolean;
}

const head = (name: string): string => `cabal-version: 2.4\nname: ${name}\nversion: 0.1\nbuild-type: Simple\n`;
const library = (name: string, more: string): string =>
  `${head(name)}library\n  exposed-modules: ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}\n  hs-source-dirs: src\n  default-language: Haskell2010\n${more}`;

/** Files of the workspace. Every package builds with what comes with GHC. */
export const FIXTURE: Readonly<Record<string, string>> = {
  '.gitignore': 'node_modules\ndist\ndist-newstyle\n.nx\n',
  'cabal.project': 'packages: packages/*/*.cabal\n',
  'machines/sandbox/machine.yml': 'name: sandbox\nprovider: sandbox\n',
  'notes/unrelated.txt': 'x\n',

  // A library with C code, data, tests that need another package, and an undeclared README.
  'packages/core/core.cabal': `${head('core')}data-files: data/*.txt
extra-source-files: test/golden/listed.txt
extra-doc-files: CHANGELOG.md
library
  exposed-modules: Core
  hs-source-dirs: src
  c-sources: cbits/core.c
  include-dirs: include
  build-depends: base
  default-language: Haskell2010
test-suite spec
  type: exitcode-stdio-1.0
  hs-source-dirs: test
  main-is: Spec.hs
  build-depends: base, core, fixtures
  default-language: Haskell2010
`,
  'packages/core/src/Core.hs': 'module Core where\ncore :: Int\ncore = 42\n',
  'packages/core/cbits/core.c': '#include "core.h"\nint core_c(void) { return CORE; }\n',
  'packages/core/include/core.h': '#define CORE 42\n',
  'packages/core/data/words.txt': 'a\n',
  'packages/core/test/Spec.hs': 'import Core\nmain :: IO ()\nmain = if core == 42 then pure () else error "no"\n',
  'packages/core/test/golden/listed.txt': 'listed\n',
  'packages/core/README.md': '# core\n',
  'packages/core/CHANGELOG.md': '# 0.1\n',

  // What only tests need.
  'packages/fixtures/fixtures.cabal': library('fixtures', '  build-depends: base\n'),
  'packages/fixtures/src/Fixtures.hs': 'module Fixtures where\n',

  // Template Haskell that reads nothing.
  'packages/lenses/lenses.cabal': library(
    'lenses',
    '  build-depends: base, template-haskell\ntest-suite t\n  type: exitcode-stdio-1.0\n  hs-source-dirs: checks\n  main-is: T.hs\n  build-depends: base\n  default-language: Haskell2010\n',
  ),
  'packages/lenses/src/Lenses.hs':
    '{-# LANGUAGE TemplateHaskell #-}\nmodule Lenses where\nimport Language.Haskell.TH\nanswer :: Int\nanswer = $(litE (integerL 42))\n',
  'packages/lenses/checks/T.hs': 'main :: IO ()\nmain = pure ()\n',
  'packages/lenses/README.md': '# lenses\n',

  // Template Haskell that embeds a document of its own package, through a package that reads files.
  'packages/embed/embed.cabal': library('embed', '  build-depends: base, template-haskell\n'),
  'packages/embed/src/Embed.hs':
    'module Embed (embedText) where\nimport Language.Haskell.TH\nimport Language.Haskell.TH.Syntax\nembedText :: FilePath -> Q Exp\nembedText path = runIO (readFile path) >>= litE . stringL\n',
  'packages/manual/manual.cabal': library('manual', '  build-depends: base, template-haskell, embed\n'),
  'packages/manual/src/Manual.hs':
    '{-# LANGUAGE TemplateHaskell #-}\nmodule Manual where\nimport Embed\nmanual :: String\nmanual = $(embedText "README.md")\n',
  'packages/manual/README.md': '# manual\n',

  // A program with a front end that is an Nx project of its own.
  'packages/app/app.cabal': `${head('app')}data-files: web/public/*.html
executable app
  main-is: Main.hs
  hs-source-dirs: app
  build-depends: base, core, manual
  default-language: Haskell2010
`,
  'packages/app/app/Main.hs': 'import Core\nimport Manual\nmain :: IO ()\nmain = print core >> putStrLn manual\n',
  'packages/app/web/package.json': '{"name":"web","version":"0.0.0","private":true}\n',
  'packages/app/web/public/index.html': '<p>\n',
};

const build = (
  change: string,
  project: string,
  path: string,
  content: string | null,
  expectedHit: boolean,
): InputCase => ({
  change,
  path,
  content,
  project,
  target: 'remote-build',
  expectedHit,
});
const test = (
  change: string,
  project: string,
  path: string,
  content: string | null,
  expectedHit: boolean,
): InputCase => ({
  ...build(change, project, path, content, expectedHit),
  target: 'remote-test',
});

export const INPUT_CASES: readonly InputCase[] = [
  // What a build does not see.
  build('a dependent', 'core', 'packages/app/app/Main.hs', 'main = pure ()\n', true),
  build('an unrelated package', 'core', 'packages/lenses/src/Lenses.hs', 'module Lenses where\n', true),
  build('a file of no package', 'core', 'notes/unrelated.txt', 'y\n', true),
  build(
    'what only its tests need',
    'core',
    'packages/fixtures/src/Fixtures.hs',
    'module Fixtures where\nx = 1\n',
    true,
  ),
  build(
    "what only a dependency's tests need",
    'app',
    'packages/fixtures/src/Fixtures.hs',
    'module Fixtures where\nx = 2\n',
    true,
  ),
  test('a package that it does not need', 'lenses', 'packages/core/test/Spec.hs', 'main = pure ()\n', true),

  // What it does: every file of the package and of what it needs, because code that runs at compile time may read it.
  build('a README', 'core', 'packages/core/README.md', '# other\n', false),
  build('a test source', 'core', 'packages/core/test/Spec.hs', 'main = pure ()\n', false),
  build("a dependency's README", 'app', 'packages/core/README.md', '# other\n', false),
  build("a dependency's test", 'app', 'packages/core/test/Spec.hs', 'main = pure ()\n', false),
  test('what its tests need', 'core', 'packages/fixtures/src/Fixtures.hs', 'module Fixtures where\nx = 3\n', false),
  build('a module', 'core', 'packages/core/src/Core.hs', 'module Core where\ncore :: Int\ncore = 43\n', false),
  build('a new module', 'core', 'packages/core/src/Extra.hs', 'module Extra where\n', false),
  build('a removed module', 'core', 'packages/core/src/Core.hs', null, false),
  build('a C source', 'core', 'packages/core/cbits/core.c', 'int core_c(void) { return 1; }\n', false),
  build('a C header', 'core', 'packages/core/include/core.h', '#define CORE 43\n', false),
  build('a data file', 'core', 'packages/core/data/words.txt', 'b\n', false),
  build('a new data file', 'core', 'packages/core/data/more.txt', 'b\n', false),
  build('an extra source file among the tests', 'core', 'packages/core/test/golden/listed.txt', 'other\n', false),
  build('a declared document', 'core', 'packages/core/CHANGELOG.md', '# 0.2\n', false),
  build('a README that Template Haskell embeds', 'manual', 'packages/manual/README.md', '# other\n', false),
  build('a README that Template Haskell of a dependency embeds', 'app', 'packages/manual/README.md', '# o\n', false),
  build('an undeclared file beside the sources', 'core', 'packages/core/config.inc', 'x\n', false),
  build('a data file inside another Nx project', 'app', 'packages/app/web/public/index.html', '<b>\n', false),
  build(
    "a dependency's source",
    'app',
    'packages/core/src/Core.hs',
    'module Core where\ncore :: Int\ncore = 43\n',
    false,
  ),
  build("an indirect dependency's source", 'app', 'packages/embed/src/Embed.hs', 'module Embed where\n', false),
  build("a dependency's C header", 'app', 'packages/core/include/core.h', '#define CORE 43\n', false),
  build("another package's description", 'core', 'packages/lenses/lenses.cabal', `${head('lenses')}`, false),
  build('a new package of the project', 'core', 'packages/new/new.cabal', head('new'), false),
  build('cabal.project', 'core', 'cabal.project', 'packages: packages/*/*.cabal\noptimization: 2\n', false),
  build('a new cabal.project.freeze', 'core', 'cabal.project.freeze', 'constraints: any.base ==4.15.1.0\n', false),
  build('a new cabal.project.local', 'core', 'cabal.project.local', 'package core\n  ghc-options: -O2\n', false),
  test('a test source', 'core', 'packages/core/test/Spec.hs', 'main = pure ()\n', false),
  test('a file that a test may read', 'core', 'packages/core/test/golden/new.txt', 'x\n', false),
  test('the README, which a test may read', 'core', 'packages/core/README.md', '# other\n', false),
  test('a module', 'core', 'packages/core/src/Core.hs', 'module Core where\ncore :: Int\ncore = 43\n', false),
];
