import { execFileSync } from 'node:child_process';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { journey } from '../support/journey.js';
import { isCacheHit, succeeded } from '../support/nx-output.js';
import { nx, writeTree, type Workspace } from '../support/workspace.js';

/** A change of one thing: files to write, whether the earlier build may answer, and what the program then says. */
interface Change {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly hit: boolean;
  /** What has to stand in the program's output afterwards. */
  readonly says: string;
}

const wordModule = (name: string, word: string): string =>
  `module ${name} where\n\n${name.toLowerCase()} :: String\n${name.toLowerCase()} = ${JSON.stringify(word)}\n`;

const library = 'cabal-version: 2.4\nname: core\nversion: 1\nlibrary\n  exposed-modules: Core\n';

/** A program that prints a word from everywhere that a build can read. */
const project: Readonly<Record<string, string>> = {
  'nx.json': JSON.stringify({
    plugins: ['build-machines'],
    namedInputs: { haskell: ['default'] },
    analytics: false,
    neverConnectToCloud: true,
  }),
  'cabal.project': 'packages: packages/*/*.cabal\n',
  'packages/core/core.cabal': `${library}  hs-source-dirs: src ../common\n  other-modules: Common\n  build-depends: base\n  default-language: Haskell2010\n`,
  'packages/core/src/Core.hs': 'module Core (core, common) where\n\nimport Common\n\ncore :: String\ncore = "core-1"\n',
  'packages/common/Common.hs': wordModule('Common', 'common-1'),
  'packages/core/README.md': '# core\n',
  'shared/One.hs': wordModule('Linked', 'one-1'),
  'shared/Two.hs': wordModule('Linked', 'two-1'),
  'packages/app/app.cabal': `cabal-version: 2.4
name: app
version: 1
license-file: ../../LICENSE
executable app
  main-is: Main.hs
  hs-source-dirs: app
  other-modules: Linked Sized
  include-dirs: include
  build-depends: base, core, template-haskell
  default-language: Haskell2010
`,
  LICENSE: 'free\n',
  'packages/app/include/size.h': '#define SIZE 41\n',
  'packages/app/app/Sized.hsc':
    'module Sized where\n\n#include "size.h"\n\nsized :: String\nsized = "size-" ++ show (#{const SIZE} :: Int)\n',
  'packages/app/words.txt': 'embedded-1',
  'packages/app/app/Main.hs': `{-# LANGUAGE TemplateHaskell #-}
module Main (main) where

import Core
import Language.Haskell.TH.Syntax
import Linked
import Sized

main :: IO ()
main = putStrLn (unwords [core, common, linked, sized, embedded])
  where
    embedded = $(addDependentFile "words.txt" >> runIO (readFile "words.txt") >>= lift)
`,
};

const changes: readonly Change[] = [
  { what: 'nothing', files: {}, hit: true, says: 'core-1' },
  { what: "a dependency's README", files: { 'packages/core/README.md': '# other\n' }, hit: true, says: 'core-1' },
  {
    what: "a dependency's source",
    files: { 'packages/core/src/Core.hs': project['packages/core/src/Core.hs']!.replace('core-1', 'core-2') },
    hit: false,
    says: 'core-2',
  },
  {
    what: 'a source folder outside of the dependency that has it',
    files: { 'packages/common/Common.hs': wordModule('Common', 'common-2') },
    hit: false,
    says: 'common-2',
  },
  {
    what: 'the file behind a symbolic link',
    files: { 'shared/One.hs': wordModule('Linked', 'one-2') },
    hit: false,
    says: 'one-2',
  },
  {
    what: 'a file that Template Haskell embeds',
    files: { 'packages/app/words.txt': 'embedded-2' },
    hit: false,
    says: 'embedded-2',
  },
  {
    what: 'a C header behind a preprocessor',
    files: {
      'packages/app/include/size.h': '#define SIZE 42\n',
      'packages/app/app/Sized.hsc': project['packages/app/app/Sized.hsc']!.replace('size-', 'size is '),
    },
    hit: false,
    says: 'size is 42',
  },
  { what: 'a license outside of the package', files: { LICENSE: 'freer\n' }, hit: false, says: 'core-2' },
  { what: 'a file of no package', files: { 'notes/unrelated.txt': 'x\n' }, hit: true, says: 'core-2' },
  {
    what: 'a freeze file',
    files: { 'cabal.project.freeze': 'constraints: any.core ==1\n' },
    hit: false,
    says: 'core-2',
  },
];

/** What the program that was fetched prints. */
function says(workspace: Workspace): string {
  const folder = join(workspace.root, 'dist/remote/app');
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const program = entries.find((entry) => entry.isFile() && entry.name === 'app');
  if (program === undefined) throw new Error(`no program in ${folder}: ${entries.map(({ name }) => name).join(', ')}`);
  return execFileSync(join(program.parentPath, program.name), { encoding: 'utf8' });
}

describe('with the daemon of Nx and a real machine', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, project);
      symlinkSync('../../../shared/One.hs', join(made.root, 'packages/app/app/Linked.hs'));
    },
  });
  const build = async (): Promise<boolean> => {
    const ended = succeeded(await nx(workspace(), ['run', 'app:fetch-artifacts'], { daemon: true }));
    return isCacheHit(ended, 'app:remote-build');
  };

  beforeAll(async () => {
    expect(await build()).toBe(false);
    expect(says(workspace())).toContain('core-1 common-1 one-1 size-41 embedded-1');
  });
  afterAll(async () => {
    await nx(workspace(), ['daemon', '--stop'], { daemon: true });
  });

  it.each(changes.map((change) => [change.what, change] as const))(
    'the build after a change of %s',
    async (_what, change) => {
      writeTree(workspace(), change.files);
      expect({ hit: await build(), says: says(workspace()) }).toEqual({
        hit: change.hit,
        says: expect.stringContaining(change.says) as string,
      });
    },
  );

  it('is another one after a symbolic link is turned to another file', async () => {
    writeTree(workspace(), { 'packages/app/app/Linked.hs': null });
    symlinkSync('../../../shared/Two.hs', join(workspace().root, 'packages/app/app/Linked.hs'));
    expect(await build()).toBe(false);
    expect(says(workspace())).toContain('two-1');
  });
});
