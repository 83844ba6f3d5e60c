import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { identifyProcess } from '../../processes/process-identity.js';
import { stateFolder } from '../../state/state-folder.js';
import { writeChildRecord } from '../../supervision/child-record.js';
import { specDigest, type ChildSpec } from '../../supervision/child-spec.js';
import { sandboxLayout } from './layout.js';
import { waitUntilReady } from './ready.js';

describe('a sandbox that was brought up in another way', () => {
  let folder: string;
  const servers: Server[] = [];
  const listening = (server: Server, where: object): Promise<Server> =>
    new Promise((resolve) => {
      servers.push(server.listen(where, () => resolve(server)));
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rdy-'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    await rm(folder, { recursive: true });
  });

  it('is ready when no part of before is left, although sshd and agent answer', async () => {
    const layout = sandboxLayout(stateFolder({ BUILD_MACHINES_HOME: folder }), 'box');
    for (const file of [layout.supervisorConfig, layout.agentSocket]) await mkdir(dirname(file), { recursive: true });
    const sshd = await listening(
      createServer((socket) => socket.end('SSH-2.0-Test\r\n')),
      { host: '127.0.0.1', port: 0 },
    );
    await listening(createServer(), { path: layout.agentSocket });
    const { port: sshdPort } = sshd.address() as { port: number };

    const program = (path: string): Omit<ChildSpec, 'name'> => ({
      command: '/bin/true',
      args: [],
      env: { PATH: path },
      cwd: '/',
    });
    const children = ['sshd', 'agent', 'tunnel'].map((name) => ({ name, ...program('/new') }));
    const config = { version: 1, name: 'box', instanceFile: '', logFile: '', folder: '', children, bridge: null };
    await writeFile(layout.supervisorConfig, JSON.stringify({ ...config, self: program('/new') }));
    const identity = identifyProcess(process.pid)!;
    const runs = (name: string, path: string): Promise<void> =>
      writeChildRecord(layout.supervisor, {
        name,
        identity,
        spec: specDigest({ name, ...program(path) }),
        endDescendants: false,
      });
    for (const name of ['sshd', 'agent']) await runs(name, '/new');
    await runs('tunnel', '/old');

    const ready = (patienceMs: number): Promise<void> => waitUntilReady(layout, { sshdPort }, { patienceMs });
    await expect(ready(300)).rejects.toThrow("the sandbox's tunnel does not answer");
    const waiting = ready(20_000);
    await runs('tunnel', '/new');
    await expect(waiting).resolves.toBeUndefined();
  });
});
