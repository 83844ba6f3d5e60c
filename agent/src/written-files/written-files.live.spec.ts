import { makeTemporaryFolderSync } from '@build-machines/owned-files';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MAX_WRITTEN_FILES, type ReusedOutputs, type RunCommand, type RunResult } from '@build-machines/protocol';
import { builtProgram } from '@build-machines/testing';
import { extract } from 'tar-stream';
import { AgentProcess, allEvents } from '../testing/agent-process.js';
import { outputOf, resultOf, shell, submit } from '../testing/run-requests.js';

const bundle = builtProgram('agent/build-agent.cjs');
let folder: string;
let workspace: string;
let agent: AgentProcess;

beforeEach(async () => {
  folder = makeTemporaryFolderSync(join(tmpdir(), 'bm-w-'));
  workspace = join(folder, 'ws');
  put('pkg/src/A.hs', 'module A where\n');
  put('pkg/test/kept.golden', 'old\n');
  agent = await AgentProcess.start(bundle, folder);
});
afterEach(async () => {
  await agent.stop();
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, content: string): void {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), content);
}

/** Each run is a new one: its label is no part of its identity, but its script is. */
let count = 0;
async function run(script: string, command: Partial<RunCommand> = {}): Promise<RunResult & { stdout: string }> {
  const events = await allEvents(
    await submit(agent, workspace, { argv: shell(`${script} # ${count++}`), reuse: false, ...command }),
  );
  return { ...resultOf(events), stdout: outputOf(events, 'stdout') };
}

const listing = 'find . -mindepth 1 | sort';
const clean = './pkg\n./pkg/src\n./pkg/src/A.hs\n./pkg/test\n./pkg/test/kept.golden\n';
const sha = (content: string): string => createHash('sha256').update(content).digest('hex');
const changesOf = ({ written }: RunResult): string[] => written.files.map(({ change, path }) => `${change} ${path}`);

function mirror(): string {
  const mirrors = join(folder, 'state/mirrors');
  return join(mirrors, readdirSync(mirrors)[0] ?? '');
}

async function fetched(sha256: string): Promise<string> {
  const tar = await agent.request('POST', '/v1/artifacts', JSON.stringify({ digests: [sha256] }));
  const members = tar.pipe(extract());
  let content = '';
  for await (const member of members) for await (const chunk of member) content += String(chunk);
  return content;
}

describe('what a run writes beside its sources', () => {
  it('is listed, can be fetched, and is not there for the next run', async () => {
    const first = await run(
      'echo new > pkg/test/new.golden; echo now >> pkg/test/kept.golden; rm pkg/src/A.hs; mkdir -p out/deep; echo o > out/deep/o',
    );
    expect(first.outcome).toBe('succeeded');
    expect(changesOf(first)).toEqual([
      'created out/deep/o',
      'deleted pkg/src/A.hs',
      'changed pkg/test/kept.golden',
      'created pkg/test/new.golden',
    ]);
    expect(first.written.count).toBe(4);
    expect(first.written.files[3]).toEqual({
      path: 'pkg/test/new.golden',
      change: 'created',
      size: 4,
      sha256: sha('new\n'),
      mode: 0o644,
    });
    expect(await fetched(sha('new\n'))).toBe('new\n');
    expect(await fetched(sha('old\nnow\n'))).toBe('old\nnow\n');
    const second = await run(`${listing}; cat pkg/test/kept.golden`);
    expect(second.stdout).toBe(`${clean}old\n`);
    expect(second.written).toEqual({ count: 0, files: [] });
  });

  it.each([
    ['fails', 'exit 3', 'failed'],
    ['is killed', 'kill -9 $$', 'failed'],
  ])('is taken out also when the run %s', async (_how, end, outcome) => {
    const first = await run(`echo new > pkg/left; ${end}`);
    expect([first.outcome, ...changesOf(first)]).toEqual([outcome, 'created pkg/left']);
    expect((await run(listing)).stdout).toBe(clean);
  });

  it('is taken out when the run is cancelled', async () => {
    const running = submit(agent, workspace, { argv: shell('echo new > pkg/left; echo on; sleep 60') });
    const events = allEvents(await running);
    for (;;) {
      const { body } = await agent.json('GET', '/v1/runs');
      const { runs } = body as { runs: { runId: string; state: string }[] };
      if (existsSync(join(mirror(), 'tree/pkg/left'))) {
        await agent.json('POST', `/v1/runs/${runs[0]?.runId ?? ''}/cancel`, { reason: 'enough' });
        break;
      }
      await pause(20);
    }
    const result = resultOf(await events);
    expect([result.outcome, ...changesOf(result)]).toEqual(['cancelled', 'created pkg/left']);
    expect((await run(listing)).stdout).toBe(clean);
  });

  it('is taken out by the next sync when the agent died', async () => {
    await submit(agent, workspace, { argv: shell('echo new > pkg/left; echo x > pkg/src/A.hs; sleep 60') });
    while (!existsSync(join(mirror(), 'tree/pkg/left'))) await pause(20);
    await pause(50);
    await agent.stop('SIGKILL');
    agent = await AgentProcess.start(bundle, folder);
    const next = await run(`${listing}; cat pkg/src/A.hs`);
    expect(next.stdout).toBe(`${clean}module A where\n`);
  });

  it('stays where build tools keep things warm', async () => {
    const built = 'dist-newstyle/o pkg/dist-newstyle/o pkg/.stack-work/o .hie/A.hie pkg/ide/deep/B.hie';
    const first = await run(`for f in ${built}; do mkdir -p $(dirname $f); echo o > $f; done; echo o > .hie/other`);
    expect(changesOf(first)).toEqual(['created .hie/other']);
    const second = await run(`ls ${built}`);
    expect(second.stdout.split('\n').filter(Boolean).sort()).toEqual(built.split(' ').sort());
  });

  it('stays in the folder that cabal was told to build in', async () => {
    const outputs: ReusedOutputs = { folder: 'elsewhere/build', packages: [] };
    expect(changesOf(await run('mkdir -p elsewhere/build; echo o > elsewhere/build/o', { outputs }))).toEqual([]);
    expect((await run('cat elsewhere/build/o', { outputs })).stdout).toBe('o\n');
  });

  it('is no news when a preparation made it; the command sees it', async () => {
    const prepare = [shell('echo made > pkg/pkg.cabal; echo made > pkg/log')];
    const first = await run('cat pkg/pkg.cabal; echo more >> pkg/log', { prepare });
    expect(first.stdout).toBe('made\n');
    expect(changesOf(first)).toEqual(['created pkg/log']);
    expect((await run(listing)).stdout).toBe(clean);
  });

  it('may be anything: links, pipes, sockets, what nobody may read, odd names', async () => {
    const odd = [
      'ln -s /etc pkg/etc',
      'mkfifo pkg/pipe',
      'mkdir -p pkg/closed/inner; echo s > pkg/closed/inner/secret; chmod 000 pkg/closed/inner/secret pkg/closed/inner pkg/closed',
      'printf x > "pkg/new\nline"',
      'rm -r pkg/src; ln -s /etc pkg/src',
      'rm pkg/test/kept.golden; mkdir pkg/test/kept.golden; echo inside > pkg/test/kept.golden/file',
      `${process.execPath} -e "require('net').createServer().listen('pkg/socket', () => process.kill(process.pid, 'SIGKILL'))"`,
    ];
    const first = await run(`${odd.join('; ')}; true`);
    expect(changesOf(first)).toEqual([
      'created pkg/closed/inner/secret',
      'created pkg/etc',
      'created pkg/new\nline',
      'created pkg/pipe',
      'created pkg/socket',
      'created pkg/src',
      'deleted pkg/src/A.hs',
      'deleted pkg/test/kept.golden',
      'created pkg/test/kept.golden/file',
    ]);
    expect(first.written.files.filter(({ sha256 }) => sha256 !== null).map(({ path }) => path)).toEqual([
      'pkg/closed/inner/secret',
      'pkg/new\nline',
      'pkg/test/kept.golden/file',
    ]);
    expect(readdirSync('/etc').length).toBeGreaterThan(0);
    expect((await run(listing)).stdout).toBe(clean);
  });

  it('is counted where its name is not UTF-8', async () => {
    const odd = `printf 'pkg/caf\\351' | xargs touch; mkdir "$(printf 'odd\\351')"; touch "$(printf 'odd\\351/file')"`;
    expect((await run(odd)).written).toEqual({ count: 2, files: [] });
    expect((await run(listing)).stdout).toBe(clean);
  });

  it('is counted where there is too much to list', async () => {
    const many = MAX_WRITTEN_FILES * 10;
    const { written } = await run(`mkdir pkg/many; seq ${String(many)} | (cd pkg/many && xargs touch)`);
    expect([written.count, written.files.length]).toEqual([many, MAX_WRITTEN_FILES]);
    expect((await run(listing)).stdout).toBe(clean);
  });

  it('is no file that was only touched, and a permission is put right', async () => {
    const before = statSync(join(workspace, 'pkg/src/A.hs')).mode;
    expect((await run('touch pkg/src/A.hs; chmod 700 pkg/test/kept.golden')).written.count).toBe(0);
    await run('true');
    expect(lstatSync(join(mirror(), 'tree/pkg/test/kept.golden')).mode).toBe(before);
  });

  it('makes a package that configures itself be built anew', async () => {
    const object = 'dist-newstyle/build/x86_64-linux/ghc-9.0.2/pkg-1/setup-config';
    const outputs = (ownSetup: boolean): ReusedOutputs => ({
      folder: 'dist-newstyle/build',
      packages: [
        {
          name: 'pkg-1',
          sources: { roots: ['pkg'], files: [] },
          needs: [],
          anyModule: ownSetup,
          ownSetup,
          ownLibraries: [],
        },
      ],
    });
    const build = `mkdir -p ${dirname(object)}; [ -e ${object} ] && echo warm; echo o > ${object}`;
    const configure = `${build}; echo made > pkg/pkg.buildinfo`;
    await run(build, { outputs: outputs(true) });
    expect((await run(configure, { outputs: outputs(true) })).stdout).toBe('warm\n');
    expect((await run(build, { outputs: outputs(true) })).stdout).toBe('');
    await run(configure, { outputs: outputs(false) });
    expect((await run(build, { outputs: outputs(false) })).stdout).toBe('warm\n');
  });
});

it('a session may write, and no run sees it', async () => {
  const ticket = (await submit(agent, workspace, { argv: ['true'] }, '/v1/sessions')).resume();
  expect(ticket.statusCode).toBe(200);
  writeFileSync(join(mirror(), 'tree/pkg/noted'), 'by a session');
  expect((await run(listing)).stdout).toBe(clean);
  writeFileSync(join(mirror(), 'tree/pkg/noted'), 'again');
  expect((await run(listing)).stdout).toBe(clean);
  expect(readFileSync(join(mirror(), 'untidy.json'), 'utf8')).toContain('outputs');
});

it('a session has its files again after a run of another task', async () => {
  (await submit(agent, workspace, { argv: ['true'] }, '/v1/sessions')).resume();
  const before = statSync(join(mirror(), 'tree/pkg/src/A.hs')).ino;
  const other = join(folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'input'), 'of another task');
  const events = await allEvents(await submit(agent, other, { argv: shell(listing), label: 'other' }));
  expect(outputOf(events, 'stdout')).toBe('./input\n');
  expect(statSync(join(mirror(), 'tree/pkg/src/A.hs')).ino).toBe(before);
  expect((await run(listing)).stdout).toBe(clean);
});
