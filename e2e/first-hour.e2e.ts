import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf, filesNamed } from './support/digests.js';
import { copyExample, edit } from './support/example.js';
import { occupy } from './support/free-ports.js';
import { journey } from './support/journey.js';
import { runLog, stopBridge, up } from './support/machine.js';
import { compiledModules, failed, isCacheHit, succeeded } from './support/nx-output.js';
import { buildMachines, nx, runIn, type Workspace } from './support/workspace.js';

const build = ['run', 'hello-haskell:remote-build'];
const fetch = ['run', 'hello-haskell:fetch-artifacts'];

/** Runs the program that fetch-artifacts brought. */
async function runFetched(workspace: Workspace, args: string[]): Promise<{ output: string; exitCode: number | null }> {
  const [program, ...others] = filesNamed(join(workspace.root, 'dist/remote/hello-haskell'), 'hello-haskell');
  expect(others).toEqual([]);
  return runIn(workspace, '.', program!, args);
}

describe('the first hour', () => {
  const workspace = journey({ prepare: copyExample });

  it('builds the example and its dependencies on the machine, with the output of cabal', async () => {
    const built = succeeded(await nx(workspace(), build));
    expect(isCacheHit(built, 'hello-haskell:remote-build')).toBe(false);
    expect(compiledModules(built.output)).toEqual(
      expect.arrayContaining(['EmbedText', 'Banner.Font', 'Banner', 'Fnv1a', 'Randomart', 'Greetings', 'Main']),
    );
    expect(runLog(workspace(), 'hello-haskell', 'remote-build')).toContain('Compiling Randomart');
  });

  it('answers the second build from the cache', async () => {
    const built = succeeded(await nx(workspace(), build));
    expect(isCacheHit(built, 'hello-haskell:remote-build')).toBe(true);
  });

  it('is listed in the catalog of the State Hub with its toolchains and its tunnel port', async () => {
    const { ports } = workspace().workstation;
    const answer = await globalThis.fetch(
      `http://127.0.0.1:${ports.hub}/capability-catalog/?capability_type=haskell-build-agent`,
    );
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toContain('"sandbox"');
    expect(text).toMatch(new RegExp(`"tunnel_port": ?${ports.first}\\b`));
    expect(text).toMatch(/"tool": ?"ghc", ?"version": ?"\d+\.\d+/);
  });

  it('runs the test suites of several packages', async () => {
    const tested = succeeded(
      await nx(workspace(), ['run-many', '-t', 'remote-test', '-p', 'banner,greetings,randomart']),
    );
    for (const suite of ['banner-test', 'greetings-test', 'randomart-test'])
      expect(tested.output).toMatch(new RegExp(`Test suite ${suite}: PASS`));
  });

  it('fetches a program that runs here', async () => {
    succeeded(await nx(workspace(), fetch));
    const ran = await runFetched(workspace(), ['Ada']);
    expect(ran.exitCode).toBe(0);
    expect(ran.output).toContain('Hello, Ada!');
    expect(ran.output).toContain('▄▀▀▄ █▀▀▄ ▄▀▀▄');
  });

  it('compiles one module after an edit of one, and sends that file only', async () => {
    edit(workspace(), 'hello-haskell/app/Options.hs', 'Left ("unexpected "', 'Left ("cannot make sense of "');
    const built = succeeded(await nx(workspace(), [...fetch, '--verbose']));
    expect(isCacheHit(built, 'hello-haskell:remote-build')).toBe(false);
    expect(compiledModules(built.output)).toEqual(['Options']);
    expect(built.output).toMatch(/Sending 1 file \(/);
    expect(built.output).toMatch(/^ +hello-haskell\/app\/Options\.hs +[\d.]+ k?B$/m);
    const ran = await runFetched(workspace(), ['--nonsense']);
    expect(ran).toMatchObject({ exitCode: 2, output: expect.stringContaining('cannot make sense of --nonsense') });
  });

  it('recompiles what embeds a data file when that file changes', async () => {
    edit(workspace(), 'banner/fonts/pixel.txt', 'A .##. #..# #### #..# #..#', 'A #### #..# #### #..# #..#');
    const built = succeeded(await nx(workspace(), fetch));
    expect(compiledModules(built.output)).toEqual(['Banner', 'Main']);
    expect((await runFetched(workspace(), ['A'])).output).toContain('█▀▀█\n█▀▀█');
    edit(workspace(), 'banner/fonts/pixel.txt', 'A #### #..# #### #..# #..#', 'A .##. #..# #### #..# #..#');
  });

  it('fails on a compile error with what GHC says and a path of this workspace, each time', async () => {
    edit(workspace(), 'hello-haskell/app/Options.hs', 'usage = "', 'usage = 42 ++ "');
    const before = contentsOf(join(workspace().root, 'dist'));
    for (const attempt of [1, 2]) {
      const built = failed(await nx(workspace(), build));
      expect({ attempt, hit: isCacheHit(built, 'hello-haskell:remote-build') }).toEqual({ attempt, hit: false });
      expect(built.output).toMatch(/app\/Options\.hs:\d+:\d+: error:/);
      expect(built.output).toContain('No instance for (Num [Char])');
      expect(built.output).not.toContain(join(workspace().workstation.state, 'sandboxes'));
      expect(built.output).not.toMatch(/^\s+at .*\.c?js:\d+/m);
    }
    expect(contentsOf(join(workspace().root, 'dist'))).toEqual(before);
    edit(workspace(), 'hello-haskell/app/Options.hs', 'usage = 42 ++ "', 'usage = "');
  });

  it('restores deleted outputs from the cache, without and with the daemon of Nx', async () => {
    succeeded(await nx(workspace(), fetch));
    const dist = join(workspace().root, 'dist/remote');
    for (const other of ['banner', 'greetings', 'randomart'])
      rmSync(join(dist, '.runs', other), { recursive: true, force: true });
    const before = contentsOf(dist);
    for (const daemon of [false, true]) {
      rmSync(dist, { recursive: true });
      const again = succeeded(await nx(workspace(), fetch, { daemon }));
      const hits = ['remote-build', 'fetch-artifacts'].map((target) => isCacheHit(again, `hello-haskell:${target}`));
      expect({ daemon, hits }).toEqual({ daemon, hits: [true, true] });
      expect(contentsOf(dist)).toEqual(before);
    }
  });

  it('has the outputs on a hit that follows a failure by the network', async () => {
    const daemon = true;
    edit(workspace(), 'hello-haskell/app/Options.hs', 'cannot make sense of ', 'do not understand ');
    await stopBridge(workspace());
    const stranger = await occupy(workspace().workstation.ports.relay);
    try {
      failed(await nx(workspace(), build, { daemon }));
    } finally {
      await stranger.vacate();
    }
    const built = succeeded(await nx(workspace(), build, { daemon }));
    expect(isCacheHit(built, 'hello-haskell:remote-build')).toBe(false);
    const outputs = join(workspace().root, 'dist/remote/.runs/hello-haskell/remote-build');
    const before = contentsOf(outputs);
    const hit = succeeded(await nx(workspace(), fetch, { daemon }));
    expect(isCacheHit(hit, 'hello-haskell:remote-build')).toBe(true);
    expect(contentsOf(outputs)).toEqual(before);
    expect((await runFetched(workspace(), ['--nonsense'])).output).toContain('do not understand --nonsense');
  });

  it('shows the state of its parts, and brings an up machine up in no time', async () => {
    const shown = succeeded(await nx(workspace(), ['run', 'sandbox:bridge-status']));
    expect(shown.output).toContain('sandbox');
    expect(shown.output).toContain(String(workspace().workstation.ports.first));
    const lock = join(workspace().workstation.state, 'sandboxes/sandbox/machine.lock');
    const before = readFileSync(lock, 'utf8');
    await up(workspace());
    expect(readFileSync(lock, 'utf8')).toBe(before);
    expect((await buildMachines(workspace(), ['--help'])).exitCode).toBe(0);
  });
});
