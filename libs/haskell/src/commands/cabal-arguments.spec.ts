import { CabalArgumentError, requireUsableArguments } from './cabal-arguments.js';

const refusalOf = (...args: string[]): string => {
  try {
    requireUsableArguments(args);
    return 'allowed';
  } catch (error) {
    if (!(error instanceof CabalArgumentError)) throw error;
    return `${error.message} ${error.hint}`;
  }
};

describe('arguments for cabal', () => {
  it.each([
    [['-v2']],
    [['-j4', '-O2', '-p']],
    [['--enable-profiling', '--disable-optimization', '--enable-coverage']],
    [['--ghc-options=-Wall -Werror -XOverloadedStrings']],
    [['--ghc-options', '-Wall']],
    [['--ghc-option=-optP-DX']],
    [['-f', 'dev', '-f-dev', '--flags=dev']],
    [['--constraint', 'random >=1.2', '--allow-newer=base', '--index-state=HEAD']],
    [['--test-option=--match=a test', '--test-options', '--builddir=x']],
    [['--benchmark-option=-odir']],
    [['lib:app']],
    [['--extra-include-dirs=include', '--extra-lib-dirs', 'lib']],
  ])('may be %j', (args) => {
    expect(refusalOf(...args)).toBe('allowed');
  });

  it.each([
    ['where cabal writes', ['--builddir=x']],
    ['where cabal writes', ['--builddir', 'x']],
    ['where cabal writes', ['--test-log=/tmp/x']],
    ['which project', ['--project-file=other.project']],
    ['which project', ['--project-dir', '..']],
    ['which project', ['--ignore-project']],
    ['which project', ['-z']],
    ['--ghc=9.6.6', ['-w', 'ghc-9.0.2']],
    ['--ghc=9.6.6', ['-wghc-9.0.2']],
    ['--ghc=9.6.6', ['--with-compiler=ghc-9.0.2']],
    ['--ghc=9.6.6', ['--with-hc-pkg=x']],
    ['which packages are visible', ['--package-db=/x']],
    ['which packages are visible', ['--config-file=x']],
    ['without building', ['--dry-run']],
    ['without building', ['--only-dependencies']],
    ['without building', ['--help']],
    ['without building', ['-h']],
    ['remote-test', ['--enable-tests']],
    ['PATH of the machine', ['--with-alex=/opt/alex']],
    ['abbreviation', ['--verb=2']],
    ['not known', ['--buildd=x']],
    ['not known', ['--a-new-option']],
    ['from a file', ['@args']],
    ['-odir', ['--ghc-options=-Wall -odir /tmp/x']],
    ['-outputdir', ['--ghc-options', '-outputdir=/tmp']],
    ['-package-db', ['--ghc-option=-package-db=/x']],
    ['-fno-code', ['--ghc-option', '-fno-code']],
    ['-odir', ['--repl-options=-odir x']],
    ['where cabal writes', ['-v2', '--flags', 'dev', '--builddir=x']],
    ['where cabal writes', ['--jobs', '--builddir=x']],
  ])('are refused, with what to do instead (%s): %j', (says, args) => {
    expect(refusalOf(...args)).toContain(says);
  });
});
