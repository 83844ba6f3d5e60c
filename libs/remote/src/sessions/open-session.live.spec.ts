import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectRun, makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { scopeSources } from '../testing/scope-sources.js';
import { script } from '../testing/script.js';
import { openSession, type SessionOptions } from './open-session.js';

let machine: AgentMachine;
let root: string;
beforeAll(async () => {
  machine = await startAgentMachine();
  root = await makeWorkspace({ 'src/Main.hs': 'main = pure ()\n' });
});
afterAll(async () => {
  await machine.close();
  await rm(root, { recursive: true });
});

async function session(
  command: string,
  stdin: Readable,
  { prepare = [], signal, onProgress }: Pick<SessionOptions, 'signal' | 'onProgress'> & { prepare?: string[][] } = {},
) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = await openSession({
    connect: machine.connect,
    workspaceRoot: root,
    machine: 'box',
    user: 'tester',
    sources: scopeSources(root, { roots: ['.'], files: [] }),
    command: script(command, { prepare }),
    stdin,
    stdout,
    stderr,
    signal,
    onProgress,
  }).finally(() => {
    stdout.end();
    stderr.end();
  });
  return { exit, stdout: await text(stdout), stderr: await text(stderr) };
}

async function until<T>(probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const found = await probe();
    if (found) return found;
    await sleep(100);
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // Its entry is gone with it.
  }
}

describe('a session', () => {
  it('syncs, and runs the command with its input, both outputs and its exit status', async () => {
    const done = await session('cat; cat src/Main.hs; echo oops >&2; exit 5', Readable.from(['typed ']));
    expect(done).toEqual({ exit: { exitCode: 5, signal: null }, stdout: 'typed main = pure ()\n', stderr: 'oops\n' });
  });

  it('says, before the command can print, that the terminal is its own from here', async () => {
    const told: string[] = [];
    await session('echo out', Readable.from([]), { onProgress: ({ type }) => told.push(type) });
    expect(told.at(-1)).toBe('session');
    expect(told).toContain('sending');
  });

  it('tells when its connection is lost: it cannot go on without', async () => {
    const stdin = new PassThrough();
    const done = session('echo on; sleep 60', stdin);
    setTimeout(() => {
      machine.proxy.cut();
    }, 3_000);
    await expect(done).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('ends on the machine with all its children when its connection is lost', async () => {
    const pids = join(machine.ssh.folder, 'pids');
    const done = session(`sleep 300 & echo $! $$ > ${pids}; trap '' TERM; wait; sleep 300`, new PassThrough());
    const lost = expect(done).rejects.toMatchObject({ code: 'connection-lost' });
    const written = await until(() => readFile(pids, 'utf8').catch(() => ''));
    machine.proxy.cut();
    await lost;
    for (const pid of written.trim().split(' ')) await until(() => !isAlive(Number(pid)));
  });

  it('holds the mirror while it prepares, as builds do, and lets it go before its command', async () => {
    const trace = join(machine.ssh.folder, 'trace');
    const note = (what: string, rest = 'true'): string => `echo ${what} >> ${trace}; ${rest}`;
    const stdin = new PassThrough();
    const prepare = [['/bin/sh', '-c', `${note('prepare')}; sleep 2; ${note('prepared')}`]];
    const talking = session(`${note('talking')}; cat`, stdin, { prepare });
    await until(async () => (await readFile(trace, 'utf8').catch(() => '')).startsWith('prepare'));
    await collectRun(machine, root, script(note('built')));
    stdin.end('bye');
    expect((await talking).stdout).toBe('bye');
    expect((await readFile(trace, 'utf8')).trim().split('\n').sort()).toEqual([
      'built',
      'prepare',
      'prepared',
      'talking',
    ]);
    expect(await readFile(trace, 'utf8')).toMatch(/^prepare\nprepared\n/);
  });
});
