import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TransportFactory } from '../connection/agent-transport.js';
import { connectDirect } from '../connection/direct-transport.js';
import { collectRun, makeWorkspace, startAgentMachine, type AgentMachine } from '../testing/agent-machine.js';
import { script } from '../testing/script.js';
import { builtProgram } from '@build-machines/testing';
import { startCuttingProxy, type CuttingProxy } from '../testing/cutting-proxy.js';
import type { RunProgress } from './run-progress.js';

/** More than the buffers of a connection take, and not to be compressed. */
const BIG = 8_000_000;
/** Bytes of the other files. */
const SMALL = 67;

let machine: AgentMachine;
const program = builtProgram('run.cjs');
/** Another way to the machine, which a test can freeze under one of two senders. */
let frail: CuttingProxy;
let root: string;
/** Begins all contents of a workspace, so that the machine has none of them from another test. */
let mark: string;

beforeAll(async () => {
  machine = await startAgentMachine();
});

afterAll(async () => {
  await machine.close();
});

beforeEach(async () => {
  mark = randomBytes(8).toString('hex');
  root = await makeWorkspace({ 'a/A.hs': `${mark}a`, 'b/B.hs': `${mark}b`, 'c/C.hs': `${mark}c`, 'shared/S.hs': mark });
  frail = await startCuttingProxy(machine.ssh.access.sshPort);
});

afterEach(async () => {
  await frail.close();
  await rm(root, { recursive: true, force: true });
});

const overFrail: TransportFactory = ({ signal }) =>
  connectDirect({ ...machine.access, sshPort: frail.port }, { signal });

/** Bytes of all contents that were sent, as the progress tells. */
function sentBytes(progress: readonly RunProgress[]): number {
  return progress.reduce((sum, event) => sum + (event.type === 'sending' ? event.bytes : 0), 0);
}

/** A run of this process that may go on while the test does something else. */
function begin(text: string, more: Parameters<typeof collectRun>[3] = {}, on = machine) {
  const progress: RunProgress[] = [];
  const waiters = new Set<() => void>();
  const ended = collectRun(on, root, script(text, { label: text }), {
    ...more,
    onProgress: (event) => {
      progress.push(event);
      for (const waiter of waiters) waiter();
    },
  });
  const until = (test: (event: RunProgress) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (progress.some(test)) resolve();
      };
      waiters.add(look);
      look();
      ended.catch(reject);
    });
  return { ended, progress, until };
}

const isWaiting = (event: RunProgress): boolean => event.type === 'waiting-to-send';
const isSending = (event: RunProgress): boolean => event.type === 'sending';
const isQueued = (event: RunProgress): boolean => event.type === 'state' && event.state === 'queued';
const isRunning = (event: RunProgress): boolean => event.type === 'state' && event.state === 'running';

/** A process of its own that runs a command. */
async function startProcess(port: number, label: string, text: string) {
  const accessFile = join(machine.ssh.folder, `access-${label}.json`);
  await writeFile(accessFile, JSON.stringify({ ...machine.access, sshPort: port }));
  const child: ChildProcess = spawn(process.execPath, [program, accessFile, root, label, text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const progress: RunProgress[] = [];
  const exited = once(child, 'exit');
  const sending = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const event = JSON.parse(line) as RunProgress;
      progress.push(event);
      if (isSending(event)) resolve();
    });
  });
  return { child, progress, sending, exitCode: async () => (await exited)[0] as number | null };
}

describe('runs of one workspace that begin at the same time', () => {
  it('in processes of their own send each content once', async () => {
    await writeFile(join(root, 'big'), randomBytes(BIG));
    const labels = ['one', 'two', 'three', 'four'];
    const command = 'cat */*.hs; wc -c < big';
    const processes = await Promise.all(labels.map((label) => startProcess(machine.access.sshPort, label, command)));
    expect(await Promise.all(processes.map(({ exitCode }) => exitCode()))).toEqual([0, 0, 0, 0]);
    for (const { progress } of processes)
      expect(progress.flatMap((event) => (event.type === 'output' ? event.text : [])).join('')).toBe(
        `${mark}a${mark}b${mark}c${mark}${String(BIG)}\n`,
      );
    expect(sentBytes(processes.flatMap(({ progress }) => progress))).toBe(BIG + SMALL);
  });

  it('send what is in several of their scopes once', async () => {
    const runs = await Promise.all(
      ['a', 'b', 'c', '.'].map((own) =>
        collectRun(machine, root, script(`cat ${own === '.' ? '*' : `{${own},shared}`}/*.hs`), {
          scope: { roots: own === '.' ? ['.'] : [own, 'shared'], files: [] },
        }),
      ),
    );
    expect(runs.map(({ stdout }) => stdout)).toEqual([
      `${mark}a${mark}`,
      `${mark}b${mark}`,
      `${mark}c${mark}`,
      `${mark}a${mark}b${mark}c${mark}`,
    ]);
    expect(runs.reduce((sum, { sync }) => sum + sync.bytesSent, 0)).toBe(SMALL);
    expect(sentBytes(runs.flatMap(({ progress }) => progress))).toBe(SMALL);
  });

  it('send each content once also while another run has the mirror, and one that begins later sends nothing', async () => {
    await collectRun(machine, root, script('true'));
    const released = join(machine.ssh.folder, 'released');
    const holder = begin(`until [ -e ${released} ]; do sleep 0.1; done`);
    await holder.until(isRunning);
    await writeFile(join(root, 'shared/T.hs'), `${mark}t`);
    const runs = ['a', 'b', 'c'].map((own) =>
      begin(`cat shared/T.hs # ${own}`, { scope: { roots: [own, 'shared'], files: [] } }),
    );
    await Promise.all(runs.map(({ until }) => until(isQueued)));
    const late = begin('cat shared/T.hs # late');
    await late.until(isQueued);
    await writeFile(released, '');
    await holder.ended;
    const all = await Promise.all([...runs, late].map(({ ended }) => ended));
    expect(all.map(({ stdout }) => stdout)).toEqual(Array(4).fill(`${mark}t`));
    expect(sentBytes(all.flatMap(({ progress }) => progress))).toBe(mark.length + 1);
    await rm(released);
  });

  it('count on what a run brought that is cancelled before it could begin', async () => {
    await collectRun(machine, root, script('true'));
    const released = join(machine.ssh.folder, 'released');
    const holder = begin(`until [ -e ${released} ]; do sleep 0.1; done`);
    await holder.until(isRunning);
    await writeFile(join(root, 'shared/T.hs'), `${mark}t`);
    const controller = new AbortController();
    const bringer = begin('cat shared/T.hs # first', { signal: controller.signal });
    await bringer.until(isQueued);
    const other = begin('cat shared/T.hs # second');
    await other.until(isQueued);
    controller.abort();
    expect((await bringer.ended).result.outcome).toBe('cancelled');
    await writeFile(released, '');
    await holder.ended;
    const { stdout, progress } = await other.ended;
    expect([stdout, sentBytes(progress)]).toEqual([`${mark}t`, 0]);
    await rm(released);
  });

  it('send again what the machine lost with its agent', async () => {
    await collectRun(machine, root, script('true'));
    const released = join(machine.ssh.folder, 'released');
    const holder = begin(`until [ -e ${released} ]; do sleep 0.1; done`);
    await holder.until(isRunning);
    await writeFile(join(root, 'shared/T.hs'), `${mark}t`);
    const runs = ['first', 'second'].map((name) => begin(`cat shared/T.hs # ${name}`));
    await Promise.all(runs.map(({ until }) => until(isQueued)));
    await machine.killAgent();
    await writeFile(released, '');
    await machine.startAgent();
    const all = await Promise.all(runs.map(({ ended }) => ended));
    expect(all.map(({ stdout }) => stdout)).toEqual([`${mark}t`, `${mark}t`]);
    await holder.ended;
    await rm(released);
  });

  it('do not wait for one that executes', async () => {
    const released = join(machine.ssh.folder, 'released');
    const holder = begin(`until [ -e ${released} ]; do sleep 0.1; done`);
    await holder.until(isRunning);
    await writeFile(join(root, 'a/B.hs'), 'b');
    const other = begin('cat a/B.hs');
    await other.until(isQueued);
    expect(other.progress.filter(isWaiting)).toEqual([]);
    await writeFile(released, '');
    expect((await other.ended).stdout).toBe('b');
    await holder.ended;
    await rm(released);
  });
});

describe('a run that waits while another sends', () => {
  beforeEach(() => writeFile(join(root, 'big'), randomBytes(BIG)));

  it('says so, and sends itself once the sender was killed', async () => {
    const sender = await startProcess(frail.port, 'killed', 'true');
    await sender.sending;
    frail.freeze(true);
    const other = begin('wc -c < big');
    await other.until(isWaiting);
    sender.child.kill('SIGKILL');
    const { stdout, progress } = await other.ended;
    expect([stdout, sentBytes(progress)]).toEqual([`${String(BIG)}\n`, BIG + SMALL]);
    expect(progress.filter(isWaiting)).toEqual([{ type: 'waiting-to-send', machine: 'box' }]);
  });

  it('sends itself once the sender was cancelled', async () => {
    const controller = new AbortController();
    const sender = begin('true', { connect: overFrail, signal: controller.signal });
    await sender.until(isSending);
    frail.freeze(true);
    const other = begin('wc -c < big');
    await other.until(isWaiting);
    controller.abort();
    expect((await sender.ended).result.outcome).toBe('cancelled');
    const { stdout, progress } = await other.ended;
    expect([stdout, sentBytes(progress)]).toEqual([`${String(BIG)}\n`, BIG + SMALL]);
  });

  it('can be cancelled, which the sender does not notice', async () => {
    const sender = begin('wc -c < big', { connect: overFrail });
    await sender.until(isSending);
    frail.freeze(true);
    const controller = new AbortController();
    const other = begin('true', { signal: controller.signal });
    await other.until(isWaiting);
    controller.abort();
    expect((await other.ended).result.outcome).toBe('cancelled');
    expect(other.progress.filter(isSending)).toEqual([]);
    frail.freeze(false);
    expect((await sender.ended).stdout).toBe(`${String(BIG)}\n`);
  });

  it('does not wait when it has nothing to send', async () => {
    await mkdir(join(root, 'small'));
    await writeFile(join(root, 'small/S.hs'), 's');
    const scope = { roots: ['small'], files: [] };
    await collectRun(machine, root, script('true'), { scope });
    const sender = begin('true', { connect: overFrail });
    await sender.until(isSending);
    frail.freeze(true);
    expect((await collectRun(machine, root, script('cat small/S.hs'), { scope })).stdout).toBe('s');
    expect(sender.progress.filter(isRunning)).toEqual([]);
    frail.freeze(false);
    await sender.ended;
  });
});

it('a run alone sends a small change with one request', async () => {
  await collectRun(machine, root, script('true'));
  await writeFile(join(root, 'a/A.hs'), 'new');
  const requests: string[] = [];
  const connect: TransportFactory = async (options) => {
    const transport = await machine.connect(options);
    return {
      request: (request) => {
        requests.push(request.path);
        return transport.request(request);
      },
      exec: (command, request) => transport.exec(command, request),
      close: () => {
        transport.close();
      },
    };
  };
  expect((await collectRun(machine, root, script('cat a/A.hs'), { connect })).stdout).toBe('new');
  expect(requests).toEqual(['/v1/runs']);
});
