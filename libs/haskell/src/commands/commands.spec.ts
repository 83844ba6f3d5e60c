import type { HaskellProject, LocatedPackage } from '../project/haskell-project.js';
import { parseCabalFile } from '../package/parse-cabal-file.js';
import { benchCommand } from './bench-command.js';
import { buildCommand } from './build-command.js';
import { haddockCommand } from './haddock-command.js';
import { replCommand } from './repl-command.js';
import { runCommand } from './run-command.js';
import { testCommand } from './test-command.js';

function located(name: string, text: string, needsHpack = false): LocatedPackage {
  const file = needsHpack ? 'package.yaml' : `${name}.cabal`;
  return {
    ...parseCabalFile(`name: ${name}\n${text}`),
    dir: `/ws/hs/${name}`,
    cabalFile: `/ws/hs/${name}/${file}`,
    needsHpack,
    includedFiles: [],
    added: { folders: [], files: [] },
  };
}

function projectOf(packages: LocatedPackage[], differing: Partial<HaskellProject> = {}): HaskellProject {
  return {
    dir: '/ws/hs',
    kind: 'cabal',
    needsProjectFile: false,
    files: [],
    archives: [],
    links: [],
    settings: [],
    compilers: [],
    isComplete: true,
    hasImports: false,
    packages,
    broken: [],
    problems: [],
    ...differing,
  };
}

const core = located('core', 'library\n  exposed-modules: A\ntest-suite spec\n  main-is: S.hs\n');
const app = located('app', 'executable app\n  main-is: Main.hs\nexecutable extra\n  main-is: E.hs\n');
const request = { project: projectOf([core, app]), workspaceRoot: '/ws', packages: ['core', 'app'] };

/** The output folder and the compiler, whatever the project's files say. */
const PLACE = ['--builddir=dist-newstyle', '--with-compiler=ghc', '--with-hc-pkg=ghc-pkg'];

describe('the commands', () => {
  it('build several packages at once, without tests, and go on after a failure', () => {
    expect(buildCommand(request)).toEqual({
      prepare: [],
      argv: [
        'cabal',
        'build',
        ...PLACE,
        '--disable-tests',
        '--disable-benchmarks',
        '--keep-going',
        ':pkg:core',
        ':pkg:app',
      ],
      cwd: 'hs',
      outputFolder: 'hs/dist-newstyle/build',
      artifacts: {
        projectDir: 'hs',
        buildDir: 'dist-newstyle',
        packages: ['core', 'app'],
        kinds: ['executable', 'foreign-library', 'library'],
        globs: [],
      },
    });
  });

  it('test all suites, or those that are named', () => {
    expect(testCommand(request).argv.slice(-2)).toEqual([':pkg:core', ':pkg:app']);
    expect(testCommand({ ...request, packages: ['core'], suites: ['spec'] }).argv.at(-1)).toBe(':pkg:core:test:spec');
  });

  it.each([
    ['tests', testCommand(request)],
    ['benchmarks', benchCommand(request)],
  ])('ask for the %s of the packages that are meant, and of no other', (field, { prepare, argv }) => {
    expect(argv).toEqual(expect.arrayContaining(['--disable-tests', '--disable-benchmarks']));
    expect(argv.join(' ')).not.toContain('--enable');
    expect(argv).toContain('--project-file=dist-newstyle/build-machines.project');
    expect(prepare.at(-1)?.slice(3)).toEqual([
      'project file',
      'dist-newstyle/build-machines.project',
      '..',
      'keep',
      'package app',
      `  ${field}: True`,
      'package core',
      `  ${field}: True`,
    ]);
  });

  it('load into GHCi without the tests of any package, unless a test suite is loaded', () => {
    expect(replCommand({ ...request, package: 'core' }).prepare).toEqual([]);
    expect(replCommand({ ...request, package: 'core', component: 'spec' }).prepare.at(-1)).toEqual(
      expect.arrayContaining(['package core', '  tests: True']),
    );
  });

  it('put further arguments before the targets, each as it is', () => {
    const { argv } = buildCommand({ ...request, args: ['--ghc-options=-O0 -Wall', '; rm -rf /'] });
    expect(argv.slice(-4)).toEqual(['--ghc-options=-O0 -Wall', '; rm -rf /', ':pkg:core', ':pkg:app']);
  });

  it('never update the package index', () => {
    for (const { argv, prepare } of [
      buildCommand(request),
      testCommand(request),
      benchCommand(request),
      haddockCommand(request),
    ]) {
      expect([...argv, ...prepare.flat()]).not.toContain('update');
    }
  });

  it('open GHCi in a build folder of its own', () => {
    const command = replCommand({ ...request, package: 'core' });
    expect(command.argv).toEqual(
      expect.arrayContaining(['repl', '--builddir=dist-newstyle-repl', ':pkg:core:lib:core']),
    );
    expect(replCommand({ ...request, package: 'core', component: 'spec' }).argv.at(-1)).toBe(':pkg:core:test:spec');
  });

  it('run the executable with the name of the package, with its arguments behind --', () => {
    const { argv } = runCommand({ ...request, package: 'app', programArguments: ['--help', '-v'] });
    expect(argv.slice(-4)).toEqual([':pkg:app:exe:app', '--', '--help', '-v']);
  });

  it('refuse to guess an executable, and to run one that is not there', () => {
    expect(() => runCommand({ ...request, package: 'core', programArguments: [] })).toThrow(/has none/);
    expect(() => runCommand({ ...request, package: 'app', executable: 'x', programArguments: [] })).toThrow(
      /app, extra/,
    );
    expect(() => runCommand({ ...request, package: 'nowhere', programArguments: [] })).toThrow(/no package "nowhere"/);
  });

  it('make *.cabal files with hpack, and a project file where cabal needs one', () => {
    const project = projectOf([located('y', 'library\n', true)], { kind: 'stack', needsProjectFile: true });
    const { prepare, argv } = buildCommand({ ...request, project, packages: ['y'] });
    expect(prepare[0]).toEqual(['hpack', 'y/package.yaml']);
    expect(prepare[1]?.slice(3)).toEqual([
      'project file',
      'dist-newstyle/build-machines.project',
      'packages:',
      '  "./y"',
    ]);
    expect(argv).toContain('--project-file=dist-newstyle/build-machines.project');
    expect(testCommand({ ...request, project, packages: ['y'] }).prepare[1]?.slice(5)).toEqual([
      'packages:',
      '  "./y"',
      'package y',
      '  tests: True',
    ]);
  });
});
