import { componentsOf, parseCabalFile, replComponent } from '@build-machines/haskell';
import { reactionTo } from './reaction.js';

const pkg = {
  ...parseCabalFile(`cabal-version: 3.0
name: core
version: 0.1
library
  exposed-modules: A
  hs-source-dirs: src
library inner
  exposed-modules: I
  hs-source-dirs: inner
executable tool
  main-is: Main.hs
  hs-source-dirs: app
`),
  dir: '/ws/core',
  cabalFile: '/ws/core/core.cabal',
  needsHpack: false,
  includedFiles: [],
  added: { folders: [], files: [] },
};
const reaction = (changed: string[], component?: string) =>
  reactionTo(
    changed.map((path) => `/ws/${path}`),
    { pkg, loaded: replComponent(pkg, component) },
  );

describe('what changed files ask of a warm GHCi', () => {
  it('is nothing where nothing changed', () => {
    expect(reaction([])).toEqual({ kind: 'nothing' });
  });

  it.each([['core/src/A.hs'], ['core/src/Deep/New.lhs'], ['core/src/A.hs-boot'], ['core/app/Main.hs']])(
    'is to reload for a module of its package: %s',
    (path) => {
      expect(reaction([path])).toEqual({ kind: 'reload' });
    },
  );

  it.each([
    ['what the package consists of', 'core/core.cabal'],
    ['the project', 'cabal.project'],
    ['another package', 'other/src/B.hs'],
    ['a folder whose name begins alike', 'core-extra/src/B.hs'],
    ['another library of the package', 'core/inner/I.hs'],
    ["a preprocessor's input", 'core/src/Lexer.x'],
    ['an embedded file', 'core/data/words.txt'],
    ['a header', 'core/cbits/a.h'],
  ])('is to start anew for %s', (_what, path) => {
    expect(reaction(['core/src/A.hs', path])).toEqual({ kind: 'restart', because: `/ws/${path}` });
  });

  it('is to start anew where the library changed under an executable', () => {
    expect(reaction(['core/app/Main.hs'], 'tool')).toEqual({ kind: 'reload' });
    expect(reaction(['core/src/A.hs'], 'tool')).toMatchObject({ kind: 'restart' });
    expect(reaction(['core/inner/I.hs'], 'inner')).toEqual({ kind: 'reload' });
    expect(componentsOf(pkg, 'library')).toHaveLength(2);
  });
});
