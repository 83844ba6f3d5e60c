import { HaskellFileError } from '../syntax/source-error.js';
import { componentsOf } from './cabal-package.js';
import { parseCabalFile } from './parse-cabal-file.js';

const dependencyNames = (text: string, kind: Parameters<typeof componentsOf>[1] = 'library') =>
  componentsOf(parseCabalFile(text), kind)[0]?.dependencies.map((dependency) => dependency.package);

describe('parsing a package description', () => {
  it('reads components of every kind, with their names', () => {
    const pkg = parseCabalFile(`cabal-version: 3.0
name: many
version: 1.2.3
library
  exposed-modules: A
library internal
  exposed-modules: B
foreign-library ffi
  type: native-shared
executable tool
  main-is: Main.hs
test-suite spec
  type: exitcode-stdio-1.0
benchmark speed
  type: exitcode-stdio-1.0
`);
    expect(pkg).toMatchObject({ name: 'many', version: '1.2.3', cabalVersion: '3.0', buildType: 'Simple' });
    expect(pkg.components.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'library many',
      'library internal',
      'foreign-library ffi',
      'executable tool',
      'test-suite spec',
      'benchmark speed',
    ]);
  });

  it('merges common stanzas, also those that import others', () => {
    const text = `name: p
common deep
  build-depends: text
common shared
  import: deep
  build-depends: base
library
  import: shared
  build-depends: containers
`;
    expect(dependencyNames(text)).toEqual(['text', 'base', 'containers']);
  });

  it('takes all branches of nested conditionals', () => {
    const text = `name: p
library
  build-depends: base
  if os(windows)
    build-depends: Win32
    if flag(fast)
      build-depends: fast
    elif impl(ghc >= 9)
      build-depends: nine
    else
      build-depends: slow
  else
    build-depends: unix
`;
    expect(dependencyNames(text)).toEqual(['base', 'Win32', 'fast', 'nine', 'slow', 'unix']);
  });

  it('reads braces, also several on a line and on lines of their own', () => {
    const text = `name: p
flag x { default: False }
library
{
  exposed-modules: A, B
  build-depends: base
  if flag(x) { build-depends: one } else { build-depends: two }
  if os(linux)
  {
    build-depends: three
  }
}
`;
    expect(dependencyNames(text)).toEqual(['base', 'one', 'two', 'three']);
  });

  it('reads a field in braces', () => {
    expect(dependencyNames('name: p\nlibrary\n  build-depends: { base,\n    text }\n  exposed-modules: A\n')).toEqual([
      'base',
      'text',
    ]);
  });

  it('takes CRLF, tabs, a byte order mark and comments between the lines of a field', () => {
    const text =
      '\uFEFFName:\tp\r\nLibrary\r\n\tBuild-Depends:\r\n\t\tbase,\r\n-- not this: x\r\n\t\t-- nor this\r\n\t\ttext\r\n';
    expect(dependencyNames(text)).toEqual(['base', 'text']);
  });

  it('takes leading commas, ranges, and the caret', () => {
    const text = 'name: p\nlibrary\n  build-depends:\n    , base >=4.9 && <5 || ==6.*\n    , text ^>= {1.2, 2.0}\n';
    const [library] = componentsOf(parseCabalFile(text), 'library');
    expect(library?.dependencies).toEqual([
      { package: 'base', libraries: ['base'], range: '>=4.9 && <5 || ==6.*', line: 4 },
      { package: 'text', libraries: ['text'], range: '^>= {1.2, 2.0}', line: 5 },
    ]);
  });

  it('reads sublibraries of other packages', () => {
    const text = 'name: p\nlibrary\n  build-depends: big:{core, extra}, other:lib >=1\n';
    const [library] = componentsOf(parseCabalFile(text), 'library');
    expect(library?.dependencies.map(({ package: name, libraries }) => [name, libraries])).toEqual([
      ['big', ['core', 'extra']],
      ['other', ['lib']],
    ]);
  });

  it('reads build tools, and maps the legacy ones as Cabal does', () => {
    const text = `name: p
executable own
  main-is: Own.hs
library
  build-tool-depends: hspec-discover:hspec-discover >=2, gen:gen-code
  build-tools: alex, own, unknown-program >=1
`;
    const [library] = componentsOf(parseCabalFile(text), 'library');
    expect(library?.toolDependencies.map((tool) => `${tool.package}:${tool.executable}`)).toEqual([
      'hspec-discover:hspec-discover',
      'gen:gen-code',
      'alex:alex',
      'p:own',
    ]);
  });

  it('reads mixins and setup-depends', () => {
    const pkg = parseCabalFile(`name: p
build-type: Custom
custom-setup
  setup-depends: base, Cabal >=2, my-setup
library
  mixins: sig (A as B) requires (C), other hiding (D)
`);
    expect(pkg.setupDependencies.map((dependency) => dependency.package)).toEqual(['base', 'Cabal', 'my-setup']);
    expect(pkg.components[0]?.mixins).toEqual(['sig', 'other']);
  });

  it('reads a file from before sections as a library', () => {
    const pkg = parseCabalFile('Name: old\nVersion: 0.1\nExposed-modules: A\nBuild-depends: base, haskell98\n');
    expect(pkg.buildType).toBe('Custom');
    expect(pkg.components[0]).toMatchObject({ kind: 'library', name: 'old' });
    expect(pkg.components[0]?.dependencies.map((d) => d.package)).toEqual(['base', 'haskell98']);
  });

  it.each([
    ['cabal-version: 3.0\n', 'Simple'],
    ['cabal-version: 2.2\n', 'Simple'],
    ['cabal-version: >=1.10\n', 'Custom'],
    ['cabal-version: 3.0\nbuild-type: Configure\n', 'Configure'],
  ])('without a build-type takes the default of its cabal-version: %j', (head, expected) => {
    expect(parseCabalFile(`${head}name: p\n`).buildType).toBe(expected);
  });

  it('keeps files with spaces in their names together', () => {
    const pkg = parseCabalFile(
      'name: p\ndata-dir: "my data"\nextra-source-files: "a b.txt", *.md\n  tests/**/*.golden\n',
    );
    expect(pkg).toMatchObject({ dataDir: 'my data', extraFiles: ['a b.txt', '*.md', 'tests/**/*.golden'] });
  });
});

describe('a broken package description', () => {
  it.each([
    ['name: p\nlibrary\n  build-depends: base ->\n', 3, /"base ->" is not a dependency|is not a dependency/],
    ['name: p\nlibrary\n  import: nowhere\n', 3, /no common stanza "nowhere"/],
    ['name: p\ncommon a\n  import: a\nlibrary\n  import: a\n', 3, /imports itself/],
    ['name: p\nlibrary {\n  exposed-modules: A\n', 2, /never closed/],
    ['name: p\n}\n', 2, /closing brace/],
    ['name: p\n  ???\n=====\n', 3, /expected a field or section/],
    ['name: p\nexecutable\n  main-is: A.hs\n', 2, /has no name/],
    ['name: p\nlibrary\n  build-depends: base\nlibrary\n  build-depends: base\n', 4, /two components/],
    ['name: p\nlibrary\n  build-tool-depends: alex\n', 3, /is not a build tool/],
    ['name: not_a_name\n', 1, /is not a package name/],
  ])('is refused with its line: %j', (text, line, message) => {
    let caught: unknown;
    try {
      parseCabalFile(text, 'p.cabal');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(HaskellFileError);
    expect(caught).toMatchObject({ file: 'p.cabal', line, message: expect.stringMatching(message) });
    expect((caught as HaskellFileError).hint).not.toBe('');
  });

  it('says so where there is no name at all', () => {
    expect(() => parseCabalFile('version: 1\n', 'x.cabal')).toThrow(/x\.cabal: the package has no name/);
  });
});
