import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianSource } from '../support/debian-sources.js';

/**
 * Packages that depend on one another and otherwise on nothing but what comes with GHC, by the name of their Debian
 * source package: together a multi-package project that cabal can plan without a package index.
 */
export const INTERDEPENDENT: Readonly<Record<string, string>> = {
  'base-orphans': 'haskell-base-orphans',
  bifunctors: 'haskell-bifunctors',
  comonad: 'haskell-comonad',
  contravariant: 'haskell-contravariant',
  distributive: 'haskell-distributive',
  dlist: 'haskell-dlist',
  hashable: 'haskell-hashable',
  'indexed-traversable': 'haskell-indexed-traversable',
  primitive: 'haskell-primitive',
  profunctors: 'haskell-profunctors',
  random: 'haskell-random',
  splitmix: 'haskell-splitmix',
  StateVar: 'haskell-statevar',
  tagged: 'haskell-tagged',
  'th-abstraction': 'haskell-th-abstraction',
  'transformers-compat': 'haskell-transformers-compat',
  'unordered-containers': 'haskell-unordered-containers',
};

/** Further packages with descriptions of every style: old and new syntax, sublibraries, custom setups, many flags. */
export const DESCRIBED = [
  'alex',
  'cpphs',
  'happy',
  'haskell-aeson',
  'haskell-attoparsec',
  'haskell-lens',
  'haskell-network',
  'haskell-vector',
  'haskell-yesod-core',
  'hlint',
  'pandoc',
  'xmonad',
];

/** Absolute paths of all *.cabal files of a Debian source package. */
export function cabalFilesOf(source: string): string[] {
  const folder = debianSource(source);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.cabal'))
    .map((file) => join(folder, file));
}

/** One component as Cabal itself reads it. */
export interface DescribedComponent {
  readonly file: string;
  readonly package: string;
  readonly kind: string;
  readonly name: string;
  readonly needs: readonly string[];
}

/** What the Cabal library that comes with GHC reads from package descriptions; files that it refuses are left out. */
export function describeWithCabal(files: readonly string[]): DescribedComponent[] {
  const folder = mkdtempSync(join(tmpdir(), 'describe-'));
  const program = join(folder, 'describe');
  const source = join(__dirname, 'DescribePackages.hs');
  const compile = ['-v0', '-package', 'Cabal', '-package', 'bytestring', '-outputdir', folder, '-o', program, source];
  execFileSync('ghc', compile, { stdio: 'pipe' });
  const output = execFileSync(program, {
    input: files.join('\n'),
    encoding: 'utf8',
    env: { ...process.env, LANG: 'C.UTF-8' },
  });
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [file = '', pkg = '', kind = '', name = '', needs = ''] = line.split('\t');
      return { file, package: pkg, kind, name, needs: needs.split(',').filter((need) => need !== '') };
    });
}
