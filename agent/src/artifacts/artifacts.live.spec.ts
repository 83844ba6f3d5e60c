import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { ErrorBody, type Artifact, type RunCommand } from '@build-machines/protocol';
import { builtProgram } from '@build-machines/testing';
import { AgentProcess, allEvents } from '../testing/agent-process.js';
import { outputOf, resultOf, submit } from '../testing/run-requests.js';

jest.setTimeout(240_000);

/** A package with a sublibrary, a module that only exists to be registered, and a foreign library without a version. */
const threeFiles = {
  'three/three.cabal':
    'cabal-version: 3.0\nname: three\nversion: 0.1\nlibrary\n  exposed-modules: Three\n  build-depends: base, three:inner\n  default-language: Haskell2010\n' +
    'library inner\n  exposed-modules: Inner\n  hs-source-dirs: inner\n  build-depends: base\n  default-language: Haskell2010\n' +
    'library empty\n  build-depends: base, three:inner\n  reexported-modules: Inner\n  default-language: Haskell2010\n' +
    'foreign-library plain\n  type: native-shared\n  other-modules: Plain\n  hs-source-dirs: plain\n  build-depends: base\n  default-language: Haskell2010\n',
  'three/Three.hs': 'module Three where\nimport Inner\nthree :: Int\nthree = inner + 1\n',
  'three/inner/Inner.hs': 'module Inner where\ninner :: Int\ninner = 2\n',
  'three/plain/Plain.hs':
    '{-# LANGUAGE ForeignFunctionInterface #-}\nmodule Plain where\nplain :: Int\nplain = 1\nforeign export ccall plain :: Int\n',
};

const fourCabal = (version: string): string =>
  'cabal-version: 3.0\nname: four\nversion: 0.1\nbuild-type: Configure\nlibrary\n  exposed-modules: Four\n  build-depends: base\n  default-language: Haskell2010\n' +
  `foreign-library versioned\n  type: native-shared\n  lib-version-info: ${version}\n  other-modules: Versioned\n  hs-source-dirs: versioned\n  build-depends: base\n  default-language: Haskell2010\n` +
  ['first', 'second']
    .map(
      (suite) =>
        `test-suite ${suite}\n  type: detailed-0.9\n  test-module: ${suite === 'first' ? 'First' : 'Second'}\n  hs-source-dirs: tests\n  build-depends: base, Cabal, four\n  default-language: Haskell2010\n`,
    )
    .join('');
const detailed = (name: string): string =>
  `module ${name} (tests) where\nimport Distribution.TestSuite\ntests :: IO [Test]\ntests = pure [Test one]\n  where\n    one = TestInstance { run = pure (Finished Pass), name = "case of ${name}", tags = [], options = [], setOption = \\_ _ -> Right one }\n`;

/** A package that is built as a whole: with a configure script, a versioned foreign library, and suites of the other type. */
const fourFiles = {
  'four/four.cabal': fourCabal('3:2:1'),
  'four/configure': '#!/bin/sh\nexit 0\n',
  'four/Four.hs': 'module Four where\nfour :: Int\nfour = 4\n',
  'four/versioned/Versioned.hs':
    '{-# LANGUAGE ForeignFunctionInterface #-}\nmodule Versioned where\nversioned :: Int\nversioned = 1\nforeign export ccall versioned :: Int\n',
  'four/tests/First.hs': detailed('First'),
  'four/tests/Second.hs': detailed('Second'),
};

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
  write('cabal.project', 'packages: one two three four\n');
  for (const [path, content] of Object.entries({ ...threeFiles, ...fourFiles })) write(path, content);
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

  const artifactsOf = async (command: Partial<RunCommand>): Promise<readonly Artifact[]> => {
    const events = await allEvents(await submit(agent, workspace, command));
    if (resultOf(events).outcome !== 'succeeded') throw new Error(outputOf(events));
    return resultOf(events).artifacts?.artifacts ?? [];
  };
  const pathsOf = (artifacts: readonly Artifact[]): string[] => artifacts.map(({ path }) => path).sort();

  it('leaves each library of a package with its registration, and foreign libraries', async () => {
    const kinds: Artifact['kind'][] = ['library', 'foreign-library'];
    expect(pathsOf(await artifactsOf(cabal(['build', ':pkg:three'], ['three'], kinds)))).toEqual([
      'lib/libplain.so',
      'lib/three/libHSthree-0.1-inplace-ghc9.0.2.so',
      'lib/three/libHSthree-0.1-inplace-inner-ghc9.0.2.so',
      'lib/three/libHSthree-0.1-inplace-inner.a',
      'lib/three/libHSthree-0.1-inplace.a',
      'lib/three/three-0.1-inplace-empty.conf',
      'lib/three/three-0.1-inplace-inner.conf',
      'lib/three/three-0.1-inplace.conf',
    ]);
  });

  it('leaves no registration of a library that is not there', async () => {
    const built = join(folder, 'state/mirrors');
    const remove = `find ${built} -name 'libHSthree-0.1-inplace-inner*' -delete`;
    const kinds: Artifact['kind'][] = ['library'];
    const command = cabal(['build', ':pkg:three:lib:three'], ['three'], kinds);
    const paths = pathsOf(await artifactsOf({ ...command, argv: ['sh', '-c', remove], reuse: false }));
    expect(paths).toContain('lib/three/three-0.1-inplace.conf');
    expect(paths).not.toContain('lib/three/three-0.1-inplace-inner.conf');
  });

  it('leaves the foreign library of the version that the package gives it now', async () => {
    chmodSync(join(workspace, 'four/configure'), 0o755);
    const command = cabal(['build', ':pkg:four'], ['four'], ['foreign-library', 'library']);
    const libraries = [
      'lib/four/four-0.1-inplace.conf',
      'lib/four/libHSfour-0.1-inplace-ghc9.0.2.so',
      'lib/four/libHSfour-0.1-inplace.a',
    ];
    expect(pathsOf(await artifactsOf(command))).toEqual([...libraries, 'lib/libversioned.so.2.1.2']);
    write('four/four.cabal', fourCabal('4:0:0'));
    expect(pathsOf(await artifactsOf(command))).toEqual([...libraries, 'lib/libversioned.so.4.0.0']);
    write('four/four.cabal', fourCabal('3:2:1'));
    expect(pathsOf(await artifactsOf({ ...command, reuse: false }))).toEqual([
      ...libraries,
      'lib/libversioned.so.2.1.2',
    ]);
  });

  it('leaves logs and programs of suites of type detailed-0.9; no log of a suite that did not run this time', async () => {
    const kinds: Artifact['kind'][] = ['test-log', 'test-suite'];
    const all = await artifactsOf(cabal(['test', '--enable-tests', ':pkg:four'], ['four'], kinds));
    expect(pathsOf(all)).toEqual([
      'logs/four/first/four-0.1-first.log',
      'logs/four/first/four-0.1.log',
      'logs/four/second/four-0.1-second.log',
      'logs/four/second/four-0.1.log',
      'test/four/first',
      'test/four/second',
    ]);
    const log = named(all, 'logs/four/first/four-0.1-first.log');
    expect((await fetched([log.sha256])).get(log.sha256)!.toString()).toContain('case of First');
    const one = cabal(['test', '--enable-tests', ':pkg:four:test:first'], ['four'], ['test-log']);
    expect(pathsOf(await artifactsOf(one))).toEqual([
      'logs/four/first/four-0.1-first.log',
      'logs/four/first/four-0.1.log',
    ]);
  });

  it('ends although a test left a process behind that holds its output', async () => {
    write(
      'one/Checks.hs',
      'module Main where\nimport System.Process\nmain :: IO ()\nmain = spawnCommand "sleep 1000" >> putStrLn "checked"\n',
    );
    const text = readFileSync(join(workspace, 'one/one.cabal'), 'utf8');
    write('one/one.cabal', text.replace('main-is: Checks.hs\n  build-depends: base', '$&, process'));
    const test = cabal(['test', '--enable-tests', ':pkg:one:test:checks'], ['one'], ['test-log']);
    const events = await allEvents(await submit(agent, workspace, test));
    expect(resultOf(events)).toMatchObject({ outcome: 'succeeded' });
    expect(outputOf(events, 'stderr')).toMatch(/left \d process\(es\) behind that hold its output: .*sleep/);
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
