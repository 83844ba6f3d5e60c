import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { ErrorBody, type Artifact, type RunCommand } from '@build-machines/protocol';
import { builtProgram } from '@build-machines/testing';
import { AgentProcess, allEvents } from '../testing/agent-process.js';
import { outputOf, resultOf, submit } from '../testing/run-requests.js';

jest.setTimeout(240_000);

let folder: string;
let workspace: string;
let agent: AgentProcess;

const write = (path: string, content: string): void => {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), content);
};

beforeAll(async () => {
  folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-c-'));
  workspace = join(folder, 'ws');
  write('cabal.project', 'packages: one two\n');
  write(
    'one/one.cabal',
    'cabal-version: 2.4\nname: one\nversion: 0.1\nlibrary\n  exposed-modules: One\n  build-depends: base\n  default-language: Haskell2010\n' +
      'executable say\n  main-is: Say.hs\n  build-depends: base, one\n  default-language: Haskell2010\n' +
      'test-suite checks\n  type: exitcode-stdio-1.0\n  main-is: Checks.hs\n  build-depends: base, one\n  default-language: Haskell2010\n',
  );
  write('one/One.hs', 'module One where\ngreeting :: String\ngreeting = "first"\n');
  write('one/Say.hs', 'module Main where\nimport One\nmain :: IO ()\nmain = putStrLn greeting\n');
  write('one/Checks.hs', 'module Main where\nimport One\nmain :: IO ()\nmain = putStrLn ("checked " ++ greeting)\n');
  write(
    'two/two.cabal',
    'cabal-version: 2.4\nname: two\nversion: 0.1\nbuild-type: Custom\ncustom-setup\n  setup-depends: base, Cabal\nexecutable other\n  main-is: Other.hs\n  build-depends: base\n  default-language: Haskell2010\n',
  );
  write('two/Setup.hs', 'import Distribution.Simple\nmain = defaultMain\n');
  write('two/Other.hs', 'main :: IO ()\nmain = putStrLn "other"\n');
  agent = await AgentProcess.start(builtProgram('agent/build-agent.cjs'), folder);
});
afterAll(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

const cabal = (args: string[], packages: string[], kinds: Artifact['kind'][]): Partial<RunCommand> => ({
  argv: ['cabal', ...args, '--offline'],
  toolchain: { ghc: '9.0.2' },
  artifacts: { projectDir: '.', buildDir: 'dist-newstyle', packages, kinds, globs: [] },
});
const build = cabal(['build', 'one'], ['one'], ['executable', 'test-suite', 'library']);

async function fetched(digests: string[]): Promise<Map<string, Buffer>> {
  const answer = await agent.request('POST', '/v1/artifacts', JSON.stringify({ digests }));
  expect(answer.statusCode).toBe(200);
  const contents = new Map<string, Buffer>();
  for await (const member of answer.pipe(extract())) contents.set(member.header.name, await buffer(member));
  return contents;
}

async function runExecutable(artifact: Artifact): Promise<string> {
  const file = join(folder, 'fetched');
  rmSync(file, { force: true });
  writeFileSync(file, (await fetched([artifact.sha256])).get(artifact.sha256)!);
  chmodSync(file, artifact.mode);
  return execFileSync(file, { encoding: 'utf8' });
}

const named = (artifacts: readonly Artifact[] | undefined, path: string): Artifact => {
  const found = artifacts?.find((artifact) => artifact.path === path);
  if (found === undefined) throw new Error(`no ${path} in ${JSON.stringify(artifacts)}`);
  return found;
};

describe('a real cabal build', () => {
  it('leaves the artifacts that were built, and they run', async () => {
    const result = resultOf(await allEvents(await submit(agent, workspace, build)));
    expect(result).toMatchObject({ outcome: 'succeeded', toolchain: { ghc: { version: '9.0.2' } } });
    const artifacts = result.artifacts?.artifacts;
    const say = named(artifacts, 'bin/say');
    expect(say).toMatchObject({ kind: 'executable', package: 'one', component: 'exe:say', mode: 0o755 });
    expect(artifacts?.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['lib/one/libHSone-0.1-inplace.a', 'lib/one/one-0.1-inplace.conf']),
    );
    expect(artifacts?.filter(({ kind }) => kind === 'test-suite')).toEqual([]);
    expect(await runExecutable(say)).toBe('first\n');
  });

  it('compiles only the edited module, also when its time was set back by an hour', async () => {
    write('one/One.hs', 'module One where\ngreeting :: String\ngreeting = "after"\n');
    const hourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(workspace, 'one/One.hs'), hourAgo, hourAgo);
    const events = await allEvents(await submit(agent, workspace, build));
    expect(outputOf(events)).toContain('Compiling One ');
    expect(await runExecutable(named(resultOf(events).artifacts?.artifacts, 'bin/say'))).toBe('after\n');
  });

  it('brings test logs, also of a suite that fails', async () => {
    const test = cabal(['test', 'one'], ['one'], ['test-log', 'test-suite']);
    const passed = resultOf(await allEvents(await submit(agent, workspace, test))).artifacts?.artifacts;
    const log = named(passed, 'logs/one/checks/one-0.1-checks.log');
    expect((await fetched([log.sha256])).get(log.sha256)!.toString()).toContain('checked after');
    named(passed, 'test/one/checks');
    write('one/Checks.hs', 'module Main where\nimport One\nmain :: IO ()\nmain = error ("broken " ++ greeting)\n');
    const failed = resultOf(await allEvents(await submit(agent, workspace, test)));
    expect(failed).toMatchObject({ outcome: 'failed', exitCode: 1 });
    const failureLog = named(failed.artifacts?.artifacts, 'logs/one/checks/one-0.1-checks.log');
    expect((await fetched([failureLog.sha256])).get(failureLog.sha256)!.toString()).toContain('broken after');
    expect(failed.artifacts?.artifacts.every(({ kind }) => kind === 'test-log')).toBe(true);
  });

  it('finds the executables of a package with a Setup of its own', async () => {
    const events = await allEvents(await submit(agent, workspace, cabal(['build', 'two'], ['two'], ['executable'])));
    expect(resultOf(events).outcome).toBe('succeeded');
    expect(await runExecutable(named(resultOf(events).artifacts?.artifacts, 'bin/other'))).toBe('other\n');
  });

  it('is not reused when its artifacts are gone or damaged: it builds again', async () => {
    const { artifacts } = resultOf(await allEvents(await submit(agent, workspace, build))).artifacts!;
    const { sha256 } = named(artifacts, 'bin/say');
    const stored = join(folder, 'state/artifacts', sha256.slice(0, 2), sha256);
    const { size } = statSync(stored);
    writeFileSync(stored, Buffer.alloc(size));
    const answer = await agent.request('POST', '/v1/artifacts', JSON.stringify({ digests: [sha256] }));
    expect(answer.statusCode).toBe(404);
    const body = ErrorBody.parse(JSON.parse((await buffer(answer)).toString()));
    expect(body).toMatchObject({ code: 'artifact-lost', details: { missing: [sha256] } });
    const again = await submit(agent, workspace, build);
    expect(again.headers['x-run-origin']).toBe('started');
    await allEvents(again);
    expect((await fetched([sha256])).size).toBe(1);
  });
});

describe('a session', () => {
  const prepare = async (argv: string[], env: Record<string, string> = {}): Promise<string> => {
    const answer = await submit(agent, workspace, { argv, env, cwd: 'one' }, '/v1/sessions');
    expect(answer.statusCode).toBe(200);
    return (JSON.parse((await buffer(answer)).toString()) as { command: string }).command;
  };
  const runInShell = (command: string, input = '') => spawnSync('sh', ['-c', command], { input, encoding: 'utf8' });

  it('runs in the mirror with the streams of the connection and gives its exit status', async () => {
    const command = await prepare(['sh', '-c', 'pwd; cat; echo "$EXTRA"; exit 7'], { EXTRA: "it's" });
    const { stdout, status } = runInShell(command, 'typed\n');
    expect(stdout).toMatch(/\/tree\/one\ntyped\nit's\n$/);
    expect(status).toBe(7);
  });

  it('tells by which signal its command ended', async () => {
    expect(runInShell(await prepare(['sh', '-c', 'kill -KILL $$'])).status).toBe(137);
  });

  it('can be used once', async () => {
    const command = await prepare(['true']);
    expect(runInShell(command).status).toBe(0);
    const second = runInShell(command);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/used already/);
  });

  it('lets ghci be spoken to', async () => {
    const { stdout } = runInShell(await prepare(['ghci', '-v0', 'One.hs']), 'putStrLn greeting\n');
    expect(stdout).toBe('after\n');
  });

  it('carries nothing of a request in the command that reaches a shell', async () => {
    const command = await prepare(['true'], { X: '$(touch /tmp/never)' });
    expect(command).toMatch(/^exec ('[^']*' ?)+$/);
    expect(command).not.toContain('never');
  });
});
