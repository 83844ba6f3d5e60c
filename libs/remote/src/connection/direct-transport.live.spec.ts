import { spawnSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startCuttingProxy } from '../testing/cutting-proxy.js';
import { freePort, makeKey, startSshMachine, type SshMachine } from '../testing/ssh-machine.js';
import { agentInfo } from './agent-info.js';
import { SIGN_OF_LIFE } from './agent-transport.js';
import { connectDirect, type DirectTransport } from './direct-transport.js';

let machine: SshMachine;
let server: Server | undefined;
let open: DirectTransport[] = [];

beforeEach(async () => {
  machine = await startSshMachine();
});

afterEach(async () => {
  for (const transport of open) transport.close();
  open = [];
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await machine.close();
});

async function connectTo(access = machine.access): Promise<DirectTransport> {
  const transport = await connectDirect(access);
  open.push(transport);
  return transport;
}

async function serve(handler: Parameters<typeof createHttpServer>[1] & object): Promise<void> {
  server = createHttpServer(handler);
  await new Promise<void>((resolve) => server?.listen(machine.access.agentSocket, resolve));
}

describe('a direct connection', () => {
  it('carries overlapping requests, with bodies in both directions', async () => {
    await serve((request, response) => void request.pipe(response.writeHead(200)));
    const transport = await connectTo();
    const contents = ['x'.repeat(3_000_000), 'ü€', ''];
    const answers = await Promise.all(
      contents.map((content) => transport.request({ method: 'POST', path: '/', body: Readable.from([content]) })),
    );
    expect(await Promise.all(answers.map(({ body }) => text(body)))).toEqual(contents);
  });

  it('hands over a refusal that comes before the request was sent whole', async () => {
    await serve((_, response) => response.writeHead(409).end('{"no":1}'));
    const transport = await connectTo();
    let produced = 0;
    const endless = new Readable({
      read() {
        produced += 1;
        this.push(Buffer.alloc(65_536));
      },
    });
    const answer = await transport.request({ method: 'POST', path: '/', body: endless });
    expect(answer.status).toBe(409);
    expect(await text(answer.body)).toBe('{"no":1}');
    expect(endless.destroyed).toBe(true);
    expect(produced).toBeGreaterThan(0);
  });

  it('tells an agent that was reached and hangs from one that takes its time for other requests', async () => {
    await serve(({ url }, response) => void (url === '/slow' && setTimeout(() => response.end('there'), 4_500)));
    const transport = await connectTo();
    const slow = transport.request({ method: 'GET', path: '/slow' });
    await expect(transport.request(SIGN_OF_LIFE)).rejects.toMatchObject({ code: 'agent-hangs' });
    expect(await text((await slow).body)).toBe('there');
  });

  it('runs a command with its input, both outputs and exit status', async () => {
    const transport = await connectTo();
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const exit = await transport.exec('cat; echo oops >&2; exit 7', {
      stdin: Readable.from(['hello']),
      stdout,
      stderr,
    });
    stdout.end();
    stderr.end();
    expect([exit, await text(stdout), await text(stderr)]).toEqual([{ exitCode: 7, signal: null }, 'hello', 'oops\n']);
  });

  it('tells the signal that ended a command', async () => {
    const transport = await connectTo();
    const streams = { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() };
    expect(await transport.exec('kill -KILL $$', streams)).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it('gives a command a terminal of the size asked for, and its changes', async () => {
    const transport = await connectTo();
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    let shown = '';
    stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    let resize: (size: { columns: number; rows: number }) => void = () => undefined;
    const pty = {
      term: 'xterm',
      columns: 71,
      rows: 13,
      onResize: (listener: typeof resize) => {
        resize = listener;
        return () => undefined;
      },
    };
    const command = 'trap "stty size; exit 0" WINCH; stty size; while :; do sleep 0.05; done';
    const done = transport.exec(command, { stdin, stdout, stderr: new PassThrough(), pty });
    await until(() => shown.includes('13 71'));
    resize({ columns: 99, rows: 40 });
    expect((await done).exitCode).toBe(0);
    expect(shown).toContain('40 99');
  });

  it("returns at once when it is aborted, and ends the command's input", async () => {
    const transport = await connectTo();
    const controller = new AbortController();
    const stdout = new PassThrough();
    stdout.once('data', () => controller.abort(new Error('enough')));
    const streams = { stdin: new PassThrough(), stdout, stderr: new PassThrough() };
    await expect(
      transport.exec('echo begin; exec cat - /dev/null/bm-0417', { ...streams, signal: controller.signal }),
    ).rejects.toThrow('enough');
    await until(() => spawnSync('pgrep', ['-f', '^cat - /dev/null/bm-0417']).status === 1);
  });

  it('says so when it is lost inside an answer', async () => {
    const proxy = await startCuttingProxy(machine.access.sshPort);
    await serve((_, response) => void response.writeHead(200).write('first'));
    const transport = await connectTo({ ...machine.access, sshPort: proxy.port });
    const { body } = await transport.request({ method: 'GET', path: '/' });
    body.once('data', () => {
      proxy.cut();
    });
    await expect(text(body)).rejects.toThrow();
    expect(transport.alive).toBe(false);
    await expect(transport.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'connection-lost' });
    await proxy.close();
  });
});

describe('a connection that cannot be made', () => {
  it('names a machine where nothing listens', async () => {
    const access = { ...machine.access, sshPort: await freePort() };
    await expect(connectDirect(access)).rejects.toMatchObject({
      code: 'machine-unreachable',
      hint: expect.stringContaining('nx run box:up'),
    });
  });

  it('names a tunnel that is open with nothing behind it', async () => {
    const dead = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
    const { port } = dead.address() as AddressInfo;
    await expect(connectDirect({ ...machine.access, sshPort: port })).rejects.toMatchObject({
      code: 'machine-unreachable',
      message: expect.stringContaining('nothing is behind it'),
    });
    dead.close();
  });

  it('refuses a changed host key without asking, and shows both fingerprints', async () => {
    await machine.changeHostKey();
    await expect(connectDirect(machine.access)).rejects.toMatchObject({
      code: 'host-key-changed',
      message: expect.stringMatching(/SHA256:.*SHA256:/),
    });
  });

  it('refuses a server that has no key of the pinned type', async () => {
    const rsa = 'ecdsa-sha2-nistp256';
    const blob = Buffer.concat([Buffer.from([0, 0, 0, rsa.length]), Buffer.from(rsa), Buffer.alloc(70)]);
    const access = { ...machine.access, hostKey: `${rsa} ${blob.toString('base64')}` };
    await expect(connectDirect(access)).rejects.toMatchObject({ code: 'host-key-changed' });
  });

  it('names the key and the account when the key is refused', async () => {
    const identityFile = join(machine.folder, 'other_key');
    await makeKey(identityFile);
    await expect(connectDirect({ ...machine.access, identityFile })).rejects.toMatchObject({
      code: 'key-refused',
      message: expect.stringContaining(identityFile),
    });
  });

  it('names a key file that is missing or no key', async () => {
    const identityFile = join(machine.folder, 'nothing');
    await expect(connectDirect({ ...machine.access, identityFile })).rejects.toMatchObject({
      code: 'build-key-unusable',
    });
    await writeFile(identityFile, 'hello');
    await chmod(identityFile, 0o600);
    await expect(connectDirect({ ...machine.access, identityFile })).rejects.toMatchObject({
      code: 'build-key-unusable',
    });
  });

  it('tells an agent that is down from a machine that is down: no socket, and a stale one', async () => {
    const transport = await connectTo();
    await expect(agentInfo(transport, 'box')).rejects.toMatchObject({ code: 'agent-down' });
    await serve(() => undefined);
    const socket = machine.access.agentSocket;
    await transport.exec(`mv ${socket} ${socket}.old`, idle());
    await new Promise((resolve) => server?.close(resolve));
    await transport.exec(`mv ${socket}.old ${socket}`, idle());
    await expect(agentInfo(transport, 'box')).rejects.toMatchObject({ code: 'agent-down' });
    await rm(socket, { force: true });
  });

  it('tells an agent of another protocol', async () => {
    await serve((_, response) => response.writeHead(200).end('{"protocol": 99}'));
    await expect(agentInfo(await connectTo(), 'box')).rejects.toMatchObject({
      code: 'protocol-mismatch',
      message: expect.stringContaining('99'),
    });
  });

  it('can be given up while it is being made', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const signal = AbortSignal.timeout(50);
    await expect(connectDirect({ ...machine.access, sshPort: port }, { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    silent.close();
  });
});

function idle() {
  return { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
