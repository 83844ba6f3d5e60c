import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf, filesNamed } from '../support/digests.js';
import { journey } from '../support/journey.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import { nx, writeTree, type Workspace } from '../support/workspace.js';

type Files = Readonly<Record<string, string>>;

/** A change of which the build on a warm machine, or Nx, could see nothing. Paths are relative to the case's own folder. */
interface Case {
  readonly what: string;
  /** At first. */
  readonly before: Files;
  /** Written over it; `null` removes. */
  readonly after: Readonly<Record<string, string | null>>;
}

const stanza = (kind: string, dir: string, more: string): string =>
  `${kind}\n  hs-source-dirs: ${dir}\n  build-depends: base, template-haskell${more}\n  default-language: Haskell2010\n`;
const program = (name: string, more = '', dir = 'app'): string =>
  stanza(`executable ${name}\n  main-is: Main.hs`, dir, more);
const library = (modules: string, more = '', dir = 'src'): string =>
  stanza(`library\n  exposed-modules: ${modules}`, dir, more);
const suite = (name: string, more = ''): string =>
  stanza(`test-suite ${name}-test\n  type: exitcode-stdio-1.0\n  main-is: Test.hs`, 'test', more);
const description = (name: string, ...stanzas: string[]): string =>
  `cabal-version: 3.0\nname: ${name}\nversion: 1\n${stanzas.join('')}`;
/** A definition that is not in the interface: who only reads that does not see a change. */
const definition = (module: string, value: string): string =>
  `module ${module} (word) where\n\nword :: String\nword = concat [${JSON.stringify(value)}, ""]\n{-# NOINLINE word #-}\n`;
const says = (modules: string, expression: string, extension = 'CPP'): string =>
  `{-# LANGUAGE ${extension} #-}\nmodule Main (main) where\n\nimport Language.Haskell.TH.Syntax\n${modules}\nmain :: IO ()\nmain = putStrLn ${expression}\n`;
const spliced = (expression: string): string => says('import Word', `$(${expression})`, 'TemplateHaskell');
const hsc = 'module Word (word) where\n\n#include <stdint.h>\n\nword :: String\nword = take #{const INT8_MAX} "old"\n';
const helper =
  'module Word where\n\nimport Language.Haskell.TH.Syntax\n\nembedded :: Q Exp\nembedded = runIO fixture >>= lift\n\nfixture :: IO String\nfixture = readFile "../helper/test/word.txt"\n';
const succeedsIf = (module: string, condition: string, extension = 'CPP'): string =>
  `{-# LANGUAGE ${extension} #-}\nmodule Main (main) where\n\nimport Language.Haskell.TH.Syntax\n${module}\nmain :: IO ()\nmain = ${condition} >>= \\word -> if word == "old" then pure () else fail word\n`;

/** Programs that say `old`, and after the change `new`. */
const programs: Readonly<Record<string, Case>> = {
  unlisted: {
    what: 'a module that the package description does not list',
    before: {
      'unlisted.cabal': description('unlisted', program('unlisted')),
      'app/Main.hs': says('import Word', 'word'),
      'app/Word.hs': definition('Word', 'old'),
    },
    after: { 'app/Word.hs': definition('Word', 'new') },
  },
  beside: {
    what: "a definition in the package's own library, used at compile time only",
    before: {
      'beside.cabal': description('beside', library('Word'), program('beside', ', beside')),
      'src/Word.hs': definition('Word', 'old'),
      'app/Main.hs': spliced('lift word'),
    },
    after: { 'src/Word.hs': definition('Word', 'new') },
  },
  inner: {
    what: 'a definition in a sublibrary, used at compile time of the main library',
    before: {
      'inner.cabal': description(
        'inner',
        library('Inner', '', 'inner').replace('library', 'library words'),
        library('Word', ', inner:words'),
        program('inner', ', inner'),
      ),
      'inner/Inner.hs': definition('Inner', 'old'),
      'src/Word.hs':
        '{-# LANGUAGE TemplateHaskell #-}\nmodule Word where\n\nimport qualified Inner\nimport Language.Haskell.TH.Syntax\n\nword :: String\nword = $(lift Inner.word)\n',
      'app/Main.hs': says('import Word', 'word'),
    },
    after: { 'inner/Inner.hs': definition('Inner', 'new') },
  },
  turned: {
    what: 'a module that was made by a preprocessor and is written by hand now',
    before: {
      'turned.cabal': description('turned', program('turned', '\n  other-modules: Word')),
      'app/Main.hs': says('import Word', 'word'),
      'app/Word.hsc': hsc,
    },
    after: { 'app/Word.hsc': null, 'app/Word.hs': definition('Word', 'new') },
  },
  pragma: {
    what: 'a file that is read where a pragma of options switches Template Haskell on',
    before: {
      'pragma.cabal': description('pragma', program('pragma', '\n  other-modules: Word')),
      'app/Main.hs': says('import Word', 'word'),
      'app/Word.hs':
        '{-# OPTIONS_GHC -XTemplateHaskell #-}\nmodule Word where\n\nimport Language.Haskell.TH.Syntax\n\nword :: String\nword = $(runIO (readFile "word.txt") >>= lift)\n',
      'word.txt': 'old',
    },
    after: { 'word.txt': 'new' },
  },
  discovers: {
    what: 'a module that a preprocessor of another one reads',
    before: {
      'tool/discover.cabal': description('discover', program('discover', '', '.')),
      'tool/Main.hs':
        'module Main (main) where\n\nimport System.Environment\n\nmain :: IO ()\nmain = do\n  [_, _, out] <- getArgs\n  text <- readFile "app/Props.hs"\n  writeFile out ("module Main (main) where\\nmain :: IO ()\\nmain = putStrLn " ++ show (last (lines text)) ++ "\\n")\n',
      'discovers/discovers.cabal': description(
        'discovers',
        program('discovers', '\n  other-modules: Props\n  build-tool-depends: discover:discover'),
      ),
      'discovers/app/Main.hs': '{-# OPTIONS_GHC -F -pgmF discover #-}\n',
      'discovers/app/Props.hs': 'module Props where\n-- old\n',
    },
    after: { 'discovers/app/Props.hs': 'module Props where\n-- new\n' },
  },
  local: {
    what: 'a project file that is removed, with an edit',
    before: {
      'cabal.project': 'packages: local\n',
      'cabal.project.local': 'package local\n  ghc-options: -DOLD\n',
      'local/local.cabal': description('local', program('local')),
      'local/app/Main.hs': says('', '(\n#ifdef OLD\n  "old"\n#else\n  "new"\n#endif\n  )'),
    },
    after: {
      'cabal.project.local': null,
      'local/app/Main.hs': says('', '(\n#ifdef OLD\n  "old"\n#else\n  "new" ++ ""\n#endif\n  )'),
    },
  },
  moved: {
    what: 'a package that is moved to another folder, and edited',
    before: {
      'cabal.project': 'packages: all/*/*.cabal\n',
      'all/app/moved.cabal': description('moved', program('moved', ', words')),
      'all/app/app/Main.hs': says('import Word', 'word'),
      'all/here/words.cabal': description('words', library('Word')),
      'all/here/src/Word.hs': definition('Word', 'old'),
    },
    after: {
      'all/here': null,
      'all/there/words.cabal': description('words', library('Word')),
      'all/there/src/Word.hs': definition('Word', 'new'),
    },
  },
  includes: {
    what: 'a header in the folder of the tests',
    before: {
      'includes.cabal': description('includes', program('includes', '\n  include-dirs: .'), suite('includes')),
      'app/Main.hs': says('#include "test/word.h"', 'WORD'),
      'test/word.h': '#define WORD "old"\n',
      'test/Test.hs': 'main :: IO ()\nmain = pure ()\n',
    },
    after: { 'test/word.h': '#define WORD "new"\n' },
  },
  helped: {
    what: 'a file that code of a dependency reads at compile time',
    before: {
      'helper/helper.cabal': description('helper', library('Word'), suite('helper')),
      'helper/src/Word.hs': helper,
      'helper/test/word.txt': 'old',
      'helper/test/Test.hs': 'main :: IO ()\nmain = pure ()\n',
      'helped/helped.cabal': description('helped', program('helped', ', helper'), suite('helped', ', helper')),
      'helped/app/Main.hs': spliced('embedded'),
      'helped/test/Test.hs': succeedsIf('import Word', 'fixture'),
    },
    after: { 'helper/test/word.txt': 'new' },
  },
};

/** Test suites that pass, and after the change fail; `helped` of {@link programs} is one more. */
const suites: Readonly<Record<string, Case>> = {
  everywhere: {
    what: 'a definition that tests use at compile time, in a package with Template Haskell everywhere',
    before: {
      'everywhere.cabal': description(
        'everywhere',
        library('Word'),
        suite('everywhere', ', everywhere\n  default-extensions: TemplateHaskell'),
      ),
      'src/Word.hs': definition('Word', 'old'),
      'test/Test.hs': succeedsIf('import Word', 'pure $(lift word)', 'TemplateHaskell'),
    },
    after: { 'src/Word.hs': definition('Word', 'new') },
  },
};

/** One that a change of a mode breaks, one whose source goes, one of which a file is ignored, and a documented one. */
const others: Files = {
  'script/script.cabal': description('script', suite('script', ', process')),
  'script/test/Test.hs': 'import System.Process\n\nmain :: IO ()\nmain = callProcess "./test/run.sh" []\n',
  'script/test/run.sh': '#!/bin/sh\nexit 0\n',
  'gone/gone.cabal': description('gone', program('gone', '\n  other-modules: Word')),
  'gone/app/Main.hs': says('import Word', 'word'),
  'gone/app/Word.hsc': hsc,
  'ignored/.ignore': 'words\n',
  'ignored/ignored.cabal': description('ignored', program('ignored')),
  'ignored/words/word.txt': 'old',
  'ignored/app/Main.hs': spliced('runIO (readFile "words/word.txt") >>= lift').replace('import Word\n', ''),
  'told/told.cabal': description('told', library('Old New')),
  'told/src/Old.hs': definition('Old', 'old'),
  'told/src/New.hs': definition('New', 'new'),
};

function inFolder<T>(folder: string, files: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
}

function said(workspace: Workspace, name: string): string {
  const [file] = filesNamed(join(workspace.root, 'dist/remote', name, 'bin'), name);
  if (file === undefined) throw new Error(`no program ${name} was fetched`);
  return execFileSync(file, { encoding: 'utf8' }).trim();
}

describe('after a change that neither cabal nor GHC nor the contents of listed files show', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, {
        'nx.json': JSON.stringify({
          plugins: ['build-machines'],
          namedInputs: { haskell: ['default'] },
          analytics: false,
          neverConnectToCloud: true,
        }),
        // One project, so that one invocation of cabal builds most of it; `local` and `moved` have their own.
        'cabal.project': 'packages: */*.cabal discovers/*/*.cabal helped/*/*.cabal\n',
        ...others,
      });
      for (const [name, { before }] of Object.entries({ ...programs, ...suites }))
        writeTree(made, inFolder(name, before));
      chmodSync(join(made.root, 'script/test/run.sh'), 0o755);
    },
  });
  const many = (target: string, names: readonly string[]) =>
    nx(workspace(), ['run-many', '-t', target, '-p', names.join(','), '--batch']);
  const tested = [...Object.keys(suites), 'helped', 'script'];

  beforeAll(async () => {
    succeeded(await many('fetch-artifacts', [...Object.keys(programs), 'gone']));
    succeeded(await many('remote-test', tested));
    succeeded(await nx(workspace(), ['run', 'told:remote-haddock']));
    for (const name of Object.keys(programs)) expect(`${name}: ${said(workspace(), name)}`).toMatch(/old$/);
    for (const [name, { after }] of Object.entries({ ...programs, ...suites }))
      writeTree(workspace(), inFolder(name, after));
    succeeded(await many('fetch-artifacts', Object.keys(programs)));
  });

  it.each(Object.entries(programs).map(([name, { what }]) => [what, name]))(
    'the program is another one: %s',
    (_what, name) => {
      expect(said(workspace(), name)).toMatch(/new$/);
    },
  );

  it('tests run again, and fail', async () => {
    chmodSync(join(workspace().root, 'script/test/run.sh'), 0o644);
    const { output } = failed(await many('remote-test', tested));
    for (const name of tested) expect(output).toContain(`Test suite ${name}-test: FAIL`);
  });

  it('a build fails where what a preprocessor made is all that is left of a module', async () => {
    writeTree(workspace(), { 'gone/app/Word.hsc': null });
    expect(failed(await nx(workspace(), ['run', 'gone:remote-build'])).output).toContain('Word');
  });

  it('a build has no file that Nx does not hash', async () => {
    const { output } = failed(await nx(workspace(), ['run', 'ignored:remote-build']));
    expect(output).toMatch(/word\.txt.*does not exist/);
  });

  it('documentation has no page of a module that is gone', async () => {
    writeTree(workspace(), { 'told/src/Old.hs': null, 'told/told.cabal': description('told', library('New')) });
    const documented = succeeded(await nx(workspace(), ['run', 'told:remote-haddock']));
    expect(isCacheHit(documented, 'told:remote-haddock')).toBe(false);
    const pages = Object.keys(contentsOf(join(workspace().root, 'dist/haddock/told')));
    expect(pages.filter((page) => /(^|\/)Old\.html$/.test(page))).toEqual([]);
    expect(pages.filter((page) => /(^|\/)New\.html$/.test(page))).not.toEqual([]);
  });

  it('brings back what was fetched to a folder that was asked for, and leaves the usual one alone', async () => {
    const elsewhere = ['run', 'unlisted:fetch-artifacts', '--outputPath=out/unlisted'];
    const usual = () => contentsOf(join(workspace().root, 'dist/remote/unlisted'));
    const fetched = () => contentsOf(join(workspace().root, 'out/unlisted'));
    writeTree(workspace(), { 'unlisted/app/Word.hs': definition('Word', 'newer') });
    succeeded(await nx(workspace(), elsewhere));
    const before = fetched();
    succeeded(await nx(workspace(), ['run', 'unlisted:fetch-artifacts']));
    expect(usual()).toEqual(before);
    writeTree(workspace(), { out: null });
    const hit = succeeded(await nx(workspace(), elsewhere));
    expect(isCacheHit(hit, 'unlisted:fetch-artifacts')).toBe(true);
    expect([fetched(), usual()]).toEqual([before, before]);
  });

  it('tests a package that it needs, whose files all count, and refuses one that is not sent', async () => {
    succeeded(await nx(workspace(), ['run', 'helped:remote-test', '--packages=helper']));
    const refused = failed(await nx(workspace(), ['run', 'helped:remote-test', '--packages=unlisted']));
    expect(refused.output).toContain('unlisted');
    expect(refused.output).toContain('helped:remote-test');
  });
});
