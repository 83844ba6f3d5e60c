import { parseCabalProjectFile } from './cabal-project-file.js';
import {
  CompilerContradictedError,
  CompilerUnclearError,
  requestedGhc,
  requireRequestedCompiler,
} from './requested-compiler.js';

/** The fields of project files, one after the other, as cabal reads them. */
const fieldsOf = (...texts: string[]) =>
  texts.flatMap((text, index) =>
    parseCabalProjectFile(text).compilers.map((field) => ({ ...field, file: `/w/cabal.project${index}` })),
  );

describe('the compiler that project files ask for', () => {
  it.each([
    ['none', ['packages: .'], undefined],
    ['by version', ['with-compiler: ghc-9.0.2'], '9.0.2'],
    ['by a path of GHCup', ['with-compiler: /home/user/.ghcup/bin/ghc-9.0.2'], '9.0.2'],
    ['by a folder of that version', ['with-compiler: /opt/ghc/9.6.6/bin/ghc'], '9.6.6'],
    ['any GHC', ['with-compiler: ghc\ncompiler: ghc'], undefined],
    ['in cabal.project.local, which comes last', ['with-compiler: ghc-9.0.2', 'with-compiler: ghc-9.6.6'], '9.6.6'],
    ['in program-locations', ['program-locations\n  ghc-location: /opt/ghc-9.6.6/bin/ghc'], '9.6.6'],
    ['in a conditional, the same', ['with-compiler: ghc-9.0.2\nif os(linux)\n  with-compiler: ghc-9.0.2'], '9.0.2'],
    ['in a conditional, another', ['with-compiler: ghc-9.0.2\nif os(linux)\n  with-compiler: ghc-9.6.6'], undefined],
    ['the first numbers of one', ['with-compiler: ghc-9.6'], undefined],
    ['in the stanza of a package, where cabal reads none', ['package x\n  with-compiler: ghc-9.0.2'], undefined],
  ])('is %s', (_what, texts, version) => {
    expect(requestedGhc(fieldsOf(...texts))).toBe(version);
  });

  it.each([
    ['with-compiler: ghc-9.0.2', '9.0.2'],
    ['with-compiler: ghc-9.0', '9.0.2'],
    ['with-compiler: ghc', '9.0.2'],
    ['with-compiler: ghc-9.0.2', undefined],
  ])('fits: %s, built with %s', (text, ghc) => {
    expect(() => {
      requireRequestedCompiler(fieldsOf(text), ghc);
    }).not.toThrow();
  });

  it.each([
    ['another version', 'with-compiler: ghc-9.0.2', CompilerContradictedError],
    ['another, if a condition holds', 'if os(linux)\n  with-compiler: ghc-9.0.2', CompilerContradictedError],
    ['a longer number', 'with-compiler: ghc-9.6.60', CompilerContradictedError],
    ['a path of this computer', 'with-compiler: /home/user/bin/my-ghc', CompilerUnclearError],
    ['another compiler', 'compiler: ghcjs', CompilerUnclearError],
  ])('is refused: %s', (_what, text, error) => {
    expect(() => {
      requireRequestedCompiler(fieldsOf(text), '9.6.6');
    }).toThrow(error);
  });

  it('is refused with file, line, and the option to use', () => {
    expect(() => {
      requireRequestedCompiler(fieldsOf('packages: .\nwith-compiler: ghc-9.0.2'), '9.1.0');
    }).toThrow(
      '/w/cabal.project0:2: "with-compiler: ghc-9.0.2" asks for GHC 9.0.2, but the task is to be built with GHC 9.1.0.',
    );
  });
});
