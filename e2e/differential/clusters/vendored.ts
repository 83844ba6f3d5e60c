import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTree, type Workspace } from '../../support/workspace.js';
import { type Cluster, embedding, executable, wordEdit } from '../cluster.js';

const library = (name: string, module: string, needs = ''): string => `cabal-version: 2.4
name: ${name}
version: 1
library
  exposed-modules: ${module}
  build-depends: base${needs}
  default-language: Haskell2010
`;

/** Packages of another repository, with a cabal.project of its own, below one that lists them. */
export const vendored: Cluster = {
  folder: 'vend',
  packages: [{ project: 'vend-lib1' }, { project: 'vend-lib2' }, { project: 'vend-app', executables: ['vend-app'] }],
  files: {
    'vend/cabal.project': 'packages: app vendor/*/*.cabal\n',
    'vend/vendor/lib1/cabal.project': 'packages: .\n',
    'vend/vendor/lib1/vend-lib1.cabal': library('vend-lib1', 'Lib1', ', vend-lib2'),
    'vend/vendor/lib1/Lib1.hs': 'module Lib1 where\n\nimport Lib2\n\nlib1 :: String\nlib1 = "lib1-word0 " ++ lib2\n',
    'vend/vendor/lib2/vend-lib2.cabal': library('vend-lib2', 'Lib2'),
    'vend/vendor/lib2/Lib2.hs': 'module Lib2 where\n\nlib2 :: String\nlib2 = "lib2-word0"\n',
    'vend/app/vend-app.cabal': executable('vend-app', '', '  build-depends: vend-lib1\n'),
    'vend/app/Main.hs': 'module Main (main) where\n\nimport Lib1\n\nmain :: IO ()\nmain = putStrLn lib1\n',
  },
  edits: [
    wordEdit('a vendored library', 'vend/vendor/lib2/Lib2.hs', 'vend/vendor/lib1/Lib1.hs'),
    {
      name: 'how a cabal.project lists its packages',
      apply: ({ workspace, serial, choose }) => {
        const lists = ['app vendor/*/*.cabal', 'app, vendor/lib1, vendor/lib2', './app ./vendor/{lib1,lib2}/*.cabal'];
        writeTree(workspace, { 'vend/cabal.project': `-- ${String(serial)}\npackages: ${choose(lists)}\n` });
      },
    },
  ],
};

/** Packs the vendored sources of a package as `cabal sdist` does. */
function pack({ root }: Pick<Workspace, 'root'>, word: string): void {
  const folder = join(root, 'tar/vend');
  const sources = join(folder, 'words-1');
  mkdirSync(sources, { recursive: true });
  writeFileSync(join(sources, 'words.cabal'), library('words', 'Words'));
  writeFileSync(join(sources, 'Words.hs'), `module Words where\n\nsaid :: String\nsaid = ${JSON.stringify(word)}\n`);
  execFileSync('tar', ['-czf', 'words-1.tar.gz', 'words-1'], { cwd: folder });
  rmSync(sources, { recursive: true });
}

/** A package that comes as a tarball. */
export const packed: Cluster = {
  folder: 'tar',
  packages: [{ project: 'tar-app', executables: ['tar-app'] }],
  files: {
    'tar/cabal.project': 'packages: app vend/words-1.tar.gz\n',
    'tar/app/tar-app.cabal': executable('tar-app', '', '  build-depends: words\n'),
    'tar/app/Main.hs': 'module Main (main) where\n\nimport Words (said)\n\nmain :: IO ()\nmain = putStrLn said\n',
  },
  prepare: (workspace) => {
    pack(workspace, 'word0');
  },
  edits: [
    {
      name: 'a package in a tarball',
      apply: ({ workspace, serial }) => {
        pack(workspace, `word${String(serial)}`);
      },
    },
  ],
};

const git = (folder: string, ...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'ignore' });
};

/** A package in a submodule, with a tracked file that the repository above would ignore. */
export const submodule: Cluster = {
  folder: 'sub',
  packages: [{ project: 'sub-app', executables: ['sub-app'] }],
  files: { 'sub/cabal.project': 'packages: mod\n' },
  prepare: ({ root, workstation }) => {
    const origin = join(workstation.root, 'origin');
    mkdirSync(join(origin, 'dist'), { recursive: true });
    git(origin, 'init', '--quiet');
    writeFileSync(join(origin, 'sub-app.cabal'), executable('sub-app'));
    writeFileSync(join(origin, 'Main.hs'), embedding('dist/words.txt'));
    writeFileSync(join(origin, 'dist/words.txt'), 'word0');
    git(origin, 'add', '--all');
    git(origin, 'commit', '--quiet', '-m', 'words');
    git(root, 'submodule', 'add', '--quiet', origin, 'sub/mod');
  },
  edits: [
    {
      name: 'a tracked file of a submodule',
      apply: ({ workspace, serial }) => {
        const folder = join(workspace.root, 'sub/mod');
        writeFileSync(join(folder, 'dist/words.txt'), `word${String(serial)}`);
        git(folder, 'commit', '--quiet', '--all', '-m', String(serial));
        git(folder, 'push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/edits');
      },
    },
    {
      name: 'a file of a submodule that is not committed',
      apply: ({ workspace, serial }) => {
        const file = join(workspace.root, 'sub/mod/Main.hs');
        writeFileSync(file, readFileSync(file, 'utf8').replace(/(-- \d+\n)?$/, `-- ${String(serial)}\n`));
      },
    },
  ],
};
