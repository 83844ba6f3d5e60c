import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { journey } from '../support/journey.js';
import { up } from '../support/machine.js';
import { failed, isCacheHit, succeeded } from '../support/nx-output.js';
import { nx, writeTree } from '../support/workspace.js';

/** A program built from a library, and a test that prints the time, and installs a tool when it is told to. */
const PROJECT: Readonly<Record<string, string>> = {
  'app/cabal.project': 'packages: .\n',
  'app/app.cabal': `cabal-version: 2.4
name: app
version: 1
library
  exposed-modules: App
  build-depends: base
  default-language: Haskell2010
test-suite checks
  type: exitcode-stdio-1.0
  main-is: Checks.hs
  build-depends: base, app, time, directory
  default-language: Haskell2010
`,
  'app/App.hs': 'module App where\napp :: Int\napp = 1\n',
  'app/Checks.hs': `import App
import Control.Monad (when)
import Data.Time
import System.Directory
main :: IO ()
main = do
  getCurrentTime >>= \\now -> putStrLn ("ran at " ++ show now)
  installs <- doesFileExist "install.txt"
  home <- getHomeDirectory
  when installs $ createDirectoryIfMissing True (home ++ "/.cabal/bin") >> writeFile (home ++ "/.cabal/bin/new-tool") "x"
  print app
`,
};

describe('a machine is an input by its traits', () => {
  const workspace = journey({
    machines: ['sandbox', 'twin'],
    machinesUp: false,
    prepare: (made) => {
      writeTree(made, PROJECT);
    },
  });
  const home = (): string => join(workspace().workstation.state, 'sandboxes/sandbox/home');
  const inHome = (path: string, text: string): void => {
    mkdirSync(dirname(join(home(), path)), { recursive: true });
    writeFileSync(join(home(), path), text, { mode: 0o755 });
  };
  const run = (target: string, ...words: string[]) => nx(workspace(), ['run', `app:${target}`, ...words]);
  const isHit = async (...words: string[]): Promise<boolean> =>
    isCacheHit(succeeded(await run('remote-build', ...words)), 'app:remote-build');

  it('makes nothing that is found again before anybody knows what the machine has', async () => {
    expect(await isHit('--machine=sandbox')).toBe(false);
    expect(await isHit('--machine=sandbox')).toBe(false);
    expect(await isHit('--machine=sandbox')).toBe(true);
  });

  it('leaves all caches valid when a machine of the same traits joins, or a machine gets a label or slots', async () => {
    expect(await isHit()).toBe(false);
    expect(await isHit()).toBe(true);
    await up(workspace(), 'twin');
    writeTree(workspace(), {
      'machines/twin/machine.yml': 'name: twin\nprovider: sandbox\nslots: 3\nlabels:\n  site: lab\n',
    });
    expect(await isHit()).toBe(true);
    expect(await isHit('--machine=twin')).toBe(false);
  });

  it('runs nothing on a machine that is not as its lock says, and says what differs', async () => {
    inHome('.cabal/bin/my-preprocessor', '#!/bin/sh\n');
    writeTree(workspace(), { 'app/App.hs': 'module App where\napp :: Int\napp = 2\n' });
    for (const batch of ['--batch=true', '--batch=false']) {
      const { output } = failed(await run('remote-build', '--machine=sandbox', batch));
      expect(output).toMatch(/sandbox is not as its machine\.lock says: program my-preprocessor [0-9a-f]{12} is new/);
      expect(output).toContain('nx run sandbox:up');
    }
  });

  it('runs again once the lock says what the machine has, and has no hit of what it was', async () => {
    writeTree(workspace(), { 'app/App.hs': PROJECT['app/App.hs']! });
    expect(failed(await run('remote-build', '--machine=sandbox')).output).toContain('is not as its machine.lock says');
    await up(workspace(), 'sandbox');
    expect(await isHit('--machine=sandbox')).toBe(false);
    expect(await isHit('--machine=sandbox')).toBe(true);
    const differ = failed(await run('remote-build')).output;
    expect(differ).toMatch(/would not give the same result: program my-preprocessor/);
  });

  it('has the hits of before when the machine is again as it was', async () => {
    rmSync(join(home(), '.cabal/bin/my-preprocessor'));
    await up(workspace(), 'sandbox');
    expect(await isHit()).toBe(true);
  });

  it('sees a setting of cabal, but no comment', async () => {
    const config = readFileSync(join(home(), '.cabal/config'), 'utf8');
    inHome('.cabal/config', `${config}-- a remark\n`);
    writeTree(workspace(), { 'app/App.hs': 'module App where\napp :: Int\napp = 3\n' });
    expect(await isHit('--machine=sandbox')).toBe(false);
    inHome('.cabal/config', `${config}optimization: False\n`);
    writeTree(workspace(), { 'app/App.hs': 'module App where\napp :: Int\napp = 4\n' });
    const { output } = failed(await run('remote-build', '--machine=sandbox'));
    expect(output).toContain('cabal configuration ~/.cabal/config was');
    inHome('.cabal/config', config);
  });

  it('keeps no result of a run under which the machine changed', async () => {
    writeTree(workspace(), { 'app/install.txt': 'yes' });
    const { output } = failed(await run('remote-test', '--machine=sandbox'));
    expect(output).toContain('ran at');
    expect(output).toMatch(/sandbox changed while the command ran, so its result is not kept: program new-tool/);
    rmSync(join(home(), '.cabal/bin/new-tool'));
    writeTree(workspace(), { 'app/install.txt': null });
  });

  it('runs a test with --skip-nx-cache, whatever the machine has on record', async () => {
    const ranAt = async (...words: string[]): Promise<string | undefined> =>
      /ran at .*/.exec(succeeded(await run('remote-test', '--machine=sandbox', ...words)).output)?.[0];
    const first = await ranAt();
    expect(first).toBeDefined();
    expect(await ranAt()).toBe(first);
    for (const batch of ['--batch=true', '--batch=false']) {
      const again = await ranAt('--skip-nx-cache', batch);
      expect(again).toBeDefined();
      expect(again).not.toBe(first);
    }
  });
});
