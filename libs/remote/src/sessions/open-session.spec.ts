import { rm } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { makeWorkspace, script, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { openSession } from './open-session.js';

jest.setTimeout(60_000);

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

async function session(command: string, stdin: Readable, signal?: AbortSignal) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = await openSession({
    connect: machine.connect,
    workspaceRoot: root,
    machine: 'box',
    user: 'tester',
    scope: { roots: ['.'], files: [] },
    command: script(command),
    stdin,
    stdout,
    stderr,
    signal,
  }).finally(() => {
    stdout.end();
    stderr.end();
  });
  return { exit, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('a session', () => {
  it('syncs, and runs the command with its input, both outputs and its exit status', async () => {
    const done = await session('cat; cat src/Main.hs; echo oops >&2; exit 5', Readable.from(['typed ']));
    expect(done).toEqual({ exit: { exitCode: 5, signal: null }, stdout: 'typed main = pure ()\n', stderr: 'oops\n' });
  });

  it('tells when its connection is lost: it cannot go on without', async () => {
    const stdin = new PassThrough();
    const done = session('echo on; sleep 60', stdin);
    setTimeout(() => {
      machine.proxy.cut();
    }, 3_000);
    await expect(done).rejects.toMatchObject({ code: 'connection-lost' });
  });
});
