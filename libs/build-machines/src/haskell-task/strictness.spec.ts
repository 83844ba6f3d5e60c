import { readCabalProject } from '@build-machines/haskell';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strictnessOf, strictnessOfArguments } from './strictness.js';

describe('which warnings are errors', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bm-strict-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** The strictness of a package with some options, in a project with further lines. */
  const strictness = (options: string, projectLines = ''): string => {
    const cabal = `cabal-version: 2.4\nname: p\nversion: 1\nlibrary\n  exposed-modules: P\n  build-depends: base\n${options}`;
    writeFileSync(join(folder, 'p.cabal'), cabal);
    writeFileSync(join(folder, 'cabal.project'), `packages: .\n${projectLines}`);
    const project = readCabalProject(folder);
    return strictnessOf(project.packages[0]!, project);
  };

  it('changes nothing for a package that has none', () => {
    expect(strictness('  ghc-options: -Wall')).toBe('');
    expect(strictness('  ghc-options: -Wall', 'optimization: 2\n')).toBe('');
  });

  it('counts with the warnings, in conditionals too, with what switches them, and from project files', () => {
    const found = [
      strictness('  ghc-options: -Wall -Werror'),
      strictness('  ghc-options: -Werror'),
      strictness('  if flag(dev)\n    ghc-options: -Werror'),
      strictness('  if flag(dev)\n    ghc-options: -Werror', 'package p\n  flags: +dev\n'),
      strictness('', 'package p\n  ghc-options: -Werror\n'),
      strictness('', 'package p\n  ghc-options: -Werror=unused-imports\n'),
    ];
    expect(new Set(found).size).toBe(found.length);
    expect(found).not.toContain('');
    expect(strictness('  ghc-options: -Wall -Werror')).toBe(found[0]);
    expect(strictness('  ghc-options: -Wall -Werror\n  other-modules: Q')).toBe(found[0]);
  });

  it('is told by arguments, and not by those that only run something', () => {
    expect(strictnessOfArguments(['--test-option=--match=x', '-v2', '--ghc-options=-O2'])).toBe('');
    const found = [
      ['--ghc-options=-Wall -Werror'],
      ['--ghc-option', '-Werror'],
      ['-fdev'],
      ['-f', 'dev'],
      ['--flags=-dev'],
    ];
    expect(new Set(found.map(strictnessOfArguments)).size).toBe(found.length);
  });
});
