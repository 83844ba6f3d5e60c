import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { journey } from './support/journey.js';
import { failed, isCacheHit, succeeded } from './support/nx-output.js';
import type { Ended } from './support/run-program.js';
import { nx, type NxOptions, writeTree } from './support/workspace.js';

/** A program that has git's answers compiled in, asked without `addDependentFile`, as people write it by hand. */
const versioned = {
  'cabal.project': 'packages: versioned\n',
  'versioned/versioned.cabal':
    'cabal-version: 2.4\nname: versioned\nversion: 0.1\nexecutable versioned\n  main-is: Main.hs\n  other-modules: Git\n  hs-source-dirs: app\n  build-depends: base, process, template-haskell\n  default-language: Haskell2010\n',
  'versioned/app/Git.hs': `module Git (git) where

import Language.Haskell.TH (Exp, Q, litE, runIO, stringL)
import System.Process (readProcess)

git :: [String] -> Q Exp
git args = runIO (readProcess "git" args "") >>= litE . stringL . unwords . lines
`,
  'versioned/app/Main.hs': `{-# LANGUAGE TemplateHaskell #-}

module Main (main) where

import Git (git)

main :: IO ()
main = do
  putStrLn ("commit " ++ $(git ["rev-parse", "HEAD"]))
  putStrLn ("branch " ++ $(git ["rev-parse", "--abbrev-ref", "HEAD"]))
  putStrLn ("message " ++ $(git ["log", "-1", "--pretty=%s"]))
  putStrLn ("describe " ++ $(git ["describe", "--always", "--tags", "--dirty"]))
  putStrLn ("changes " ++ (if null ($(git ["status", "--porcelain"]) :: String) then "none" else "some"))
`,
};

describe('a program that asks git when it is compiled', () => {
  const workspace = journey({
    prepare: (workspace) => {
      writeTree(workspace, versioned);
    },
  });
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: workspace().root,
      encoding: 'utf8',
    }).trim();
  const commit = (message: string): void => {
    git('add', '.');
    git('commit', '-q', '--allow-empty', '-m', message);
  };
  const run = (task: string, args: string[] = [], options: NxOptions = {}): Promise<Ended> =>
    nx(workspace(), ['run', `versioned:${task}`, ...args], options);
  const says = (): string => execFileSync(join(workspace().root, 'dist/remote/versioned/bin/versioned')).toString();
  const expected = (changes: string): string =>
    [
      `commit ${git('rev-parse', 'HEAD')}`,
      `branch ${git('rev-parse', '--abbrev-ref', 'HEAD')}`,
      `message ${git('log', '-1', '--pretty=%s')}`,
      `describe ${git('describe', '--always', '--tags', '--dirty')}`,
      `changes ${changes}\n`,
    ].join('\n');
  const setOption = (gitInfo: boolean): void => {
    const plugins = [{ plugin: 'build-machines', options: { gitInfo } }];
    const nxJson = JSON.parse(readFileSync(join(workspace().root, 'nx.json'), 'utf8')) as object;
    writeTree(workspace(), { 'nx.json': JSON.stringify({ ...nxJson, plugins }) });
  };

  it.each([[{}], [{ env: { NX_BATCH_MODE: 'false' } }]])('fails with the option that it needs', async (options) => {
    commit('first');
    const { output } = failed(await run('remote-build', [], options));
    expect(output).toContain('not a git repository');
    expect(output).toContain('Set "gitInfo": true in the options of the plugin build-machines');
  });

  it('is refused where only the target has the option: the commit would be no input', async () => {
    expect(failed(await run('remote-build', ['--gitInfo'])).output).toContain('[git-info-not-hashed]');
  });

  it('gets what git says in the workspace, and is a hit for the same commit', async () => {
    setOption(true);
    git('checkout', '-q', '-b', 'feature/one');
    commit('with the option');
    succeeded(await run('fetch-artifacts'));
    expect(says()).toBe(expected('none'));
    expect(isCacheHit(succeeded(await run('remote-build')), 'versioned:remote-build')).toBe(true);
  });

  it('is built anew for another commit, a tag and a change anywhere', async () => {
    commit('second');
    succeeded(await run('fetch-artifacts'));
    expect(says()).toBe(expected('none'));
    git('tag', 'v1.0');
    succeeded(await run('fetch-artifacts'));
    expect(says()).toContain('describe v1.0\n');
    writeTree(workspace(), { 'elsewhere.txt': 'new' });
    succeeded(await run('fetch-artifacts'));
    expect(says()).toBe(expected('some'));
  });

  it('gets it in remote-run too', async () => {
    commit('third');
    expect(succeeded(await run('remote-run')).output).toContain(`commit ${git('rev-parse', 'HEAD')}`);
  });

  it('finds nothing of an earlier run without the option', async () => {
    setOption(false);
    expect(failed(await run('remote-build')).output).toContain('not a git repository');
  });
});
