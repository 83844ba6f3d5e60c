import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requirePackage } from '../support/debian-sources.js';
import { journey } from '../support/journey.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import type { Files } from '../support/small-project.js';
import { nx, writeTree } from '../support/workspace.js';

const main = (text: string): string => `module Main (main) where\n\nmain :: IO ()\nmain = putStrLn "${text}"\n`;
const part = (kind: string, name: string, folder: string): string =>
  `${kind} ${name}\n  type: exitcode-stdio-1.0\n  main-is: Main.hs\n  hs-source-dirs: ${folder}\n  build-depends: base\n  default-language: Haskell2010\n`;

/** A package of every kind of component, with two suites. */
const everyKind: Files = {
  'libs/every/every.cabal':
    'cabal-version: 2.4\nname: every\nversion: 0.1\nbuild-type: Simple\n' +
    'library\n  exposed-modules: Every\n  hs-source-dirs: src\n  build-depends: base\n  default-language: Haskell2010\n' +
    part('test-suite', 'first', 'first') +
    part('test-suite', 'second', 'second') +
    part('benchmark', 'speed', 'speed'),
  'libs/every/src/Every.hs':
    '-- | All there is.\nmodule Every (every) where\n\n-- | The number.\nevery :: Int\nevery = 1\n',
  'libs/every/first/Main.hs': main('the first suite'),
  'libs/every/second/Main.hs': main('the second suite'),
  'libs/every/speed/Main.hs': main('so fast'),
};

/** A package that hpack makes the cabal file of. */
const hpacked: Files = {
  'libs/hpacked/package.yaml':
    'name: hpacked\nversion: 0.1.0\ndependencies: [base]\nlanguage: Haskell2010\n' +
    'library:\n  source-dirs: src\ntests:\n  hpacked-test:\n    main: Main.hs\n    source-dirs: test\n    dependencies: [hpacked, every]\n',
  'libs/hpacked/src/Hpacked.hs': 'module Hpacked (word) where\n\nword :: String\nword = "packed"\n',
  'libs/hpacked/test/Main.hs':
    'module Main (main) where\n\nimport Every (every)\nimport Hpacked (word)\n\nmain :: IO ()\nmain = putStrLn (word ++ show every)\n',
};

/** Two packages that a stack.yaml names; cabal finds no project file there. */
const stacked: Files = {
  'stacked/stack.yaml': 'resolver: lts-19.33\npackages:\n- one\n- two\n',
  'stacked/one/one.cabal':
    'cabal-version: 2.4\nname: one\nversion: 0.1\nlibrary\n  exposed-modules: One\n  build-depends: base\n  default-language: Haskell2010\n',
  'stacked/one/One.hs': 'module One (one) where\n\none :: Int\none = 1\n',
  'stacked/two/two.cabal':
    'cabal-version: 2.4\nname: two\nversion: 0.1\n' + `${part('test-suite', 'two-test', '.')}  build-depends: one\n`,
  'stacked/two/Main.hs': 'module Main (main) where\n\nimport One (one)\n\nmain :: IO ()\nmain = print one\n',
};

interface ShownProject {
  readonly targets: Record<string, unknown>;
  readonly metadata: { readonly targetGroups?: Record<string, string[]> };
}

describe('inferred targets', () => {
  const workspace = journey({
    prepare: (made) => {
      for (const library of ['hspec', 'tasty', 'tasty-hunit']) requirePackage(`libghc-${library}-dev`);
      writeTree(made, {
        'cabal.project': 'packages: libs/*/*.cabal\n          libs/hpacked\noptional-packages: not-there/*.cabal\n',
        ...everyKind,
        ...hpacked,
        ...stacked,
      });
    },
  });
  const run = (task: string, ...more: string[]) => nx(workspace(), ['run', task, ...more]);
  const show = async (project: string): Promise<ShownProject> =>
    JSON.parse(succeeded(await nx(workspace(), ['show', 'project', project, '--json'])).stdout) as ShownProject;

  it('are grouped where they run a single suite', async () => {
    const { targets, metadata } = await show('every');
    expect(metadata.targetGroups).toEqual({
      'remote-test (per suite)': ['remote-test--first', 'remote-test--second'],
    });
    expect(Object.keys(targets)).toEqual(expect.arrayContaining(['remote-bench', 'remote-haddock', 'remote-watch']));
    expect(Object.keys((await show('one')).targets)).not.toContain('remote-test');
  });

  it('run one suite, and not the other', async () => {
    const { output } = succeeded(await run('every:remote-test--second'));
    expect(output).toMatch(/Test suite second: PASS/);
    expect(output).not.toMatch(/suite first/);
    expect(isCacheHit(succeeded(await run('every:remote-test--second')), 'every:remote-test--second')).toBe(true);
  });

  it('run a benchmark, every time', async () => {
    for (let time = 0; time < 2; time++) {
      const ended = succeeded(await run('every:remote-bench'));
      expect(ended.output).toContain('so fast');
      expect(ended.output).toMatch(/Benchmark speed: FINISH/);
      expect(isCacheHit(ended, 'every:remote-bench')).toBe(false);
    }
  });

  it('build documentation and bring it, also from the cache', async () => {
    expect(succeeded(await run('every:remote-haddock')).output).toMatch(/Documentation created/);
    const page = join(workspace().root, 'dist/haddock/every/every/index.html');
    expect(readFileSync(page, 'utf8')).toContain('every');
    rmSync(join(workspace().root, 'dist'), { recursive: true });
    expect(isCacheHit(succeeded(await run('every:remote-haddock')), 'every:remote-haddock')).toBe(true);
    expect(existsSync(page)).toBe(true);
  });

  it('test a package that hpack describes, which needs no cabal file in the workspace', async () => {
    expect(succeeded(await run('hpacked:remote-test')).output).toMatch(/Test suite hpacked-test: PASS/);
    expect(
      succeeded(await nx(workspace(), ['show', 'projects', '--affected', '--files=libs/every/src/Every.hs'])).stdout,
    ).toContain('hpacked');
  });

  it('test packages that only a stack.yaml puts together', async () => {
    expect(succeeded(await run('two:remote-test')).output).toMatch(/Test suite two-test: PASS/);
  });

  it.each(['hspec', 'tasty', 'exitcode'])('test what the generator makes with %s', async (test) => {
    const generate = ['g', 'build-machines:haskell-project', `libs/by-${test}`, `--test=${test}`, '--no-interactive'];
    succeeded(await nx(workspace(), generate));
    const name = `by-${test}`;
    expect(succeeded(await run(`${name}:remote-test`)).output).toMatch(/Test suite by-\S+-test: PASS/);
  });

  it('have the names that nx.json gives them', async () => {
    const plugins = (options: object) =>
      writeTree(workspace(), {
        'nx.json': JSON.stringify({ plugins: [options], analytics: false, neverConnectToCloud: true }),
      });
    plugins({ plugin: 'build-machines', options: { targetPrefix: 'hs-', targetNames: { test: 'check' } } });
    expect(succeeded(await run('every:hs-check--first')).output).toMatch(/Test suite first: PASS/);
    expect((await show('every')).metadata.targetGroups).toHaveProperty(['hs-check (per suite)']);
    plugins({ plugin: 'build-machines', options: {} });
  });

  it('exist for all packages when a cabal file is broken, also for that one', async () => {
    writeTree(workspace(), { 'libs/broken/broken.cabal': 'name: broken\nlibrary\n  build-depends: ->\n' });
    expect(Object.keys((await show('broken')).targets)).toContain('remote-build');
    expect(failed(await run('broken:remote-build')).output).toMatch(/libs\/broken\/broken\.cabal:3:/);
    succeeded(await run('every:remote-build'));
    writeTree(workspace(), { 'libs/broken': null });
  });
});
