import { withPackage } from './cabal-project-text.js';

const place = { dir: 'libs/foo', cabalFile: 'foo.cabal' };
const added = (...lines: string[]) =>
  withPackage(`${lines.join('\n')}\n`, place)
    .split('\n')
    .slice(0, -1);

describe('a package enters cabal.project', () => {
  it('in a file of its own where there is none', () => {
    expect(withPackage(undefined, place)).toBe('-- Packages that cabal builds together.\npackages:\n  libs/foo\n');
  });

  it('as the last line of the field, indented as its neighbours, and all else stays', () => {
    expect(
      added(
        '-- top',
        'packages:',
        '    libs/a',
        '    -- a note',
        '    libs/b',
        '',
        '-- tests everywhere',
        'tests: True',
        'package a',
        '  ghc-options: -O1',
      ),
    ).toEqual([
      '-- top',
      'packages:',
      '    libs/a',
      '    -- a note',
      '    libs/b',
      '    libs/foo',
      '',
      '-- tests everywhere',
      'tests: True',
      'package a',
      '  ghc-options: -O1',
    ]);
  });

  it('behind an empty field', () => {
    expect(added('packages:', 'tests: True')).toEqual(['packages:', '  libs/foo', 'tests: True']);
  });

  it('below a field that is written in one line', () => {
    expect(added('packages: a b')).toEqual(['packages: a b', '          libs/foo']);
  });

  it('with the commas that the field has', () => {
    expect(added('packages: a, b')).toEqual(['packages: a, b', '          , libs/foo']);
    expect(added('packages:', '  a,', '  b,')).toEqual(['packages:', '  a,', '  b,', '  libs/foo,']);
    expect(added('packages:', '    a', '  , b')).toEqual(['packages:', '    a', '  , b', '  , libs/foo']);
  });

  it('in a field of its own where the file has none, also when a block has one', () => {
    expect(added('if os(linux)', '  packages: x')).toEqual([
      'if os(linux)',
      '  packages: x',
      '',
      'packages:',
      '  libs/foo',
    ]);
  });

  it.each(['libs/foo', './libs/foo', 'libs/foo/', 'libs/foo/foo.cabal', '*/*/*.cabal', 'libs/*', './libs/*/'])(
    'once: the entry %s covers it',
    (entry) => {
      const text = `packages:\n  ${entry}\n`;
      expect(withPackage(text, place)).toBe(text);
    },
  );

  it.each(['libs/foobar', '*/*.cabal', 'lib', '.'])('although there is the entry %s', (entry) => {
    expect(withPackage(`packages:\n  ${entry}\n`, place)).toContain('\n  libs/foo\n');
  });

  it('that lies in the folder of cabal.project', () => {
    const here = { dir: '.', cabalFile: 'foo.cabal' };
    for (const entry of ['.', './', './*.cabal', 'foo.cabal'])
      expect(withPackage(`packages: ${entry}\n`, here)).toBe(`packages: ${entry}\n`);
  });
});
