import { writeTree } from '../../support/workspace.js';
import { type Cluster, embedding, executable, wordEdit } from '../cluster.js';

const said = 'module Main (main) where\n\nmain :: IO ()\nmain = putStrLn "word0"\n';

/** Folders whose names are patterns, beside folders that those patterns would match. */
export const signs: Cluster = {
  folder: 'signs',
  packages: ['sign-plus', 'sign-x', 'sign-brackets', 'sign-b'].map((name) => ({
    project: name,
    executables: [name],
  })),
  files: {
    'signs/cabal.project': 'packages: ./*/*.cabal\n',
    'signs/t+/sign-plus.cabal': executable('sign-plus'),
    'signs/t+/Main.hs': said,
    'signs/tx/sign-x.cabal': executable('sign-x'),
    'signs/tx/Main.hs': said,
    'signs/[ab]/sign-brackets.cabal': executable('sign-brackets'),
    'signs/[ab]/Main.hs': said,
    'signs/b/sign-b.cabal': executable('sign-b'),
    'signs/b/Main.hs': said,
  },
  edits: [
    wordEdit('a source in a folder named by a pattern', 'signs/t+/Main.hs', 'signs/[ab]/Main.hs'),
    wordEdit('a source in a folder that a pattern matches', 'signs/tx/Main.hs', 'signs/b/Main.hs'),
  ],
};

/** The workspace's own folder as a package, which reads files of other projects below. */
export const root: Cluster = {
  folder: '.',
  packages: [{ project: 'root-app', executables: ['root-app'], tests: true }],
  files: {
    'cabal.project': 'packages: .\n',
    'root-app.cabal':
      executable('root-app', '', '  hs-source-dirs: app\n') +
      `test-suite root-test
  type: exitcode-stdio-1.0
  main-is: Test.hs
  hs-source-dirs: test
  build-depends: base
  default-language: Haskell2010
`,
    'app/Main.hs': embedding('site/index.html'),
    'test/Test.hs':
      'module Main (main) where\n\nimport System.Exit\n\nmain :: IO ()\nmain = do\n  text <- readFile "site/openapi.json"\n  if text == "word0" then exitFailure else putStrLn text\n',
    'site/project.json': JSON.stringify({ name: 'site', targets: {} }),
    'site/index.html': 'word0',
    'site/openapi.json': 'word1',
  },
  edits: [
    wordEdit("a file of another project below the workspace's own package", 'site/index.html'),
    {
      name: 'what a test reads of another project',
      apply: ({ workspace, serial }) => {
        writeTree(workspace, { 'site/openapi.json': serial % 2 === 0 ? 'word0' : `word${String(serial)}` });
      },
    },
  ],
};
