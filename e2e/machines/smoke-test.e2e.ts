import { sandboxLayout, stateFolder } from '@build-machines/machines';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { eventually } from '../support/eventually.js';
import { journey } from '../support/journey.js';
import { processesOfPart, processOfPart, up, type Part } from '../support/machine.js';
import { failed, succeeded } from '../support/nx-output.js';
import { mayActAsOthers } from '../support/other-user.js';
import type { Ended } from '../support/run-program.js';
import { nx, writeTree, type Workspace } from '../support/workspace.js';

const LAYERS = [
  'tunnel',
  'ssh',
  'host-key',
  'login',
  'agent',
  'toolchains',
  'space',
  'compile',
  'artifact',
  'forward',
  'registration',
];

const Layer = z.object({
  id: z.string(),
  status: z.enum(['passed', 'failed', 'skipped']),
  found: z.string().optional(),
  problem: z.string().optional(),
  fix: z.string().optional(),
});
type Layer = z.infer<typeof Layer>;
const Report = z.object({ machine: z.literal('sandbox'), ok: z.boolean(), layers: z.array(Layer) });

/** The report that `--json` printed among Nx's own lines. */
function reportIn(ended: Ended): z.infer<typeof Report> {
  const [json] = /^\{$[\s\S]*?^\}$/m.exec(ended.output) ?? [];
  if (json === undefined) throw new Error(`no JSON document in:\n${ended.output}`);
  return Report.parse(JSON.parse(json));
}

const smokeTest = (workspace: Workspace): Promise<Ended> => nx(workspace, ['run', 'sandbox:smoke-test', '--json']);

describe('the smoke test of a sandbox', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, { 'README.md': 'nothing to build but the smoke test\n' });
    },
  });
  const state = () => stateFolder(workspace().workstation.env);
  const layout = () => sandboxLayout(state(), 'sandbox');
  const relayKeys = () => join(state().relay, 'authorized_keys');

  /** Ends a part; its supervisor brings it back with whatever it then finds on disk. */
  const endPart = async (part: Part): Promise<void> => {
    process.kill((await processOfPart(workspace().workstation, part)).pid, 'SIGKILL');
  };

  /** Changes a file while `during` runs, and puts it back. */
  const withFile = async <T>(
    file: string,
    change: (text: string) => string,
    during: () => Promise<T>,
    afterwards: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<T> => {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, change(text));
    try {
      return await during();
    } finally {
      writeFileSync(file, text);
      await afterwards();
    }
  };

  /** The one layer that failed, after all layers before it had passed. */
  const failedLayer = async (): Promise<Layer> => {
    const { ok, layers } = reportIn(failed(await smokeTest(workspace())));
    expect(ok).toBe(false);
    expect(layers.map(({ id }) => id)).toEqual(LAYERS);
    const at = layers.findIndex(({ status }) => status !== 'passed');
    const [first, ...others] = layers.slice(at);
    if (first?.status !== 'failed') throw new Error(`not a failure: ${JSON.stringify(first)}`);
    expect(others.filter(({ status }) => status === 'failed')).toEqual([]);
    return first;
  };

  /** The machine works as before, which the next test starts from. */
  const whole = async (): Promise<void> => {
    await up(workspace());
    await eventually('the machine is whole again', async () => (await smokeTest(workspace())).exitCode === 0);
  };

  it('passes layer by layer, each with what was found and how long it took', async () => {
    const { output } = succeeded(await nx(workspace(), ['run', 'sandbox:smoke-test']));
    const marks = [...output.matchAll(/^✔ ([^:]+): .+ \((?:\d+ ms|\d+\.\d s)\)$/gm)].map((match) => match[1]);
    expect(marks).toHaveLength(LAYERS.length);
    expect(marks[0]).toBe('tunnel port');
    expect(output).toContain('all 11 layers work');
  });

  it('is not answered from the cache, and compiles each time', async () => {
    const printed = async (): Promise<unknown> =>
      reportIn(succeeded(await smokeTest(workspace()))).layers.find(({ id }) => id === 'compile');
    const [first, second] = [await printed(), await printed()];
    expect(first).toMatchObject({ status: 'passed', found: expect.stringContaining(String(2n ** 200n)) });
    expect(second).not.toEqual(first);
  });

  describe('without a tunnel', () => {
    const withoutTunnel = (during: () => Promise<void>): Promise<void> =>
      withFile(
        relayKeys(),
        () => '',
        async () => {
          await endPart('tunnel');
          await eventually('the tunnel is gone', () => processesOfPart(workspace().workstation, 'tunnel').length === 0);
          await during();
        },
        whole,
      );

    it('says that nothing listens', () =>
      withoutTunnel(async () => {
        expect(await failedLayer()).toMatchObject({
          id: 'tunnel',
          problem: expect.stringMatching(/nothing listens on port \d+/),
          fix: expect.stringContaining('nx run sandbox:up'),
        });
      }));

    it('tells another program on the port from a machine', () =>
      withoutTunnel(async () => {
        const intruder = await listen(workspace().workstation.ports.first);
        try {
          expect(await failedLayer()).toMatchObject({ id: 'ssh' });
        } finally {
          await intruder.close();
        }
      }));
  });

  it('is whole again by `up` when another program took its way to the hub while the tunnel was away', async () => {
    const record = join(workspace().workstation.state, 'sandboxes/sandbox/sandbox.json');
    const forwardPort = (): number => (JSON.parse(readFileSync(record, 'utf8')) as { forwardPort: number }).forwardPort;
    const before = forwardPort();
    const keys = readFileSync(relayKeys(), 'utf8');
    writeFileSync(relayKeys(), '');
    await endPart('tunnel');
    await eventually('the tunnel is gone', () => processesOfPart(workspace().workstation, 'tunnel').length === 0);
    const intruder = await listen(before);
    try {
      writeFileSync(relayKeys(), keys);
      await whole();
      expect(forwardPort()).not.toBe(before);
    } finally {
      await intruder.close();
    }
  });

  it('tells another host key, and that it may be somebody else', async () => {
    const { hostKey } = layout();
    const other = join(workspace().workstation.root, 'other-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
    await withFile(
      hostKey,
      () => readFileSync(other, 'utf8'),
      async () => {
        const before = await processOfPart(workspace().workstation, 'machine sshd');
        await endPart('machine sshd');
        await eventually('sshd is back', () => {
          const [now] = processesOfPart(workspace().workstation, 'machine sshd');
          return now !== undefined && now.pid !== before.pid;
        });
        const layer = await failedLayer();
        expect(layer).toMatchObject({ id: 'host-key', fix: expect.stringContaining('somebody else') });
        expect(layer.problem).toContain(readFileSync(`${other}.pub`, 'utf8').split(' ')[1]);
      },
      async () => {
        await endPart('machine sshd');
        await whole();
      },
    );
  });

  it('tells a key that is not let in', () =>
    withFile(
      layout().authorizedKeys,
      () => '',
      async () => {
        expect(await failedLayer()).toMatchObject({
          id: 'login',
          problem: expect.stringContaining('Permission denied'),
          fix: expect.stringContaining('id_build.pub'),
        });
      },
    ));

  it('tells an agent that does not run', async () => {
    const { agentBundle } = layout();
    renameSync(agentBundle, `${agentBundle}.away`);
    try {
      await endPart('agent');
      expect(await failedLayer()).toMatchObject({ id: 'agent', problem: expect.stringContaining('agent') });
    } finally {
      renameSync(`${agentBundle}.away`, agentBundle);
      await whole();
    }
  });

  it('tells a compiler that machine.lock names and the machine lacks', () =>
    withFile(
      join(layout().root, 'machine.lock'),
      (text) => text.replace(/version: "?9\.0\.2"?/, 'version: 9.99.9'),
      async () => {
        expect(await failedLayer()).toMatchObject({
          id: 'toolchains',
          problem: expect.stringContaining('ghc 9.99.9 (there: 9.0.2)'),
          fix: expect.stringContaining('sandbox:ghc-install'),
        });
      },
    ));

  (mayActAsOthers ? it : it.skip)('tells a disk that is too full to build', async () => {
    const folder = layout().agentState;
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]);
    try {
      expect(await failedLayer()).toMatchObject({
        id: 'space',
        problem: expect.stringMatching(/only 0\.\d GiB are free/),
        fix: expect.stringContaining('Free space'),
      });
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('tells a compilation that fails, with its last words', () =>
    withFile(
      join(layout().home, '.cabal/config'),
      () => 'jobs: many\n',
      async () => {
        expect(await failedLayer()).toMatchObject({
          id: 'compile',
          problem: expect.stringMatching(/the run ended as "failed": .*config/),
        });
      },
    ));

  it('tells an artifact that the machine lost', async () => {
    const store = join(layout().agentState, 'artifacts');
    const losing = setInterval(() => {
      for (const path of readdirSync(store, { recursive: true, encoding: 'utf8' }))
        if (/[0-9a-f]{64}$/.test(path)) rmSync(join(store, path), { force: true });
    }, 2);
    try {
      expect(await failedLayer()).toMatchObject({ id: 'artifact', problem: expect.stringContaining('smoke-test') });
    } finally {
      clearInterval(losing);
    }
  });

  it('tells a way to the hub that is closed', () =>
    withFile(
      relayKeys(),
      (text) => text.replace(/permitopen="localhost:\d+"/, 'permitopen="localhost:1"'),
      async () => {
        await endPart('tunnel');
        await endPart('agent');
        await eventually('the tunnel is back', () => processesOfPart(workspace().workstation, 'tunnel').length === 1);
        expect(await failedLayer()).toMatchObject({ id: 'forward', problem: expect.stringContaining('unreachable') });
      },
      async () => {
        await endPart('tunnel');
        await whole();
      },
    ));

  it('tells a machine that the hub does not let in', () =>
    withFile(
      layout().token,
      () => 'a-token-that-nobody-knows-a-token-that-nobody-knows\n',
      async () => {
        await endPart('agent');
        expect(await failedLayer()).toMatchObject({
          id: 'registration',
          problem: expect.stringContaining('the hub rejects the machine'),
        });
      },
      async () => {
        await endPart('agent');
        await whole();
      },
    ));
});

/** Listens as a program that speaks no SSH, and does not read either; `close` ends its connections too. */
function listen(port: number): Promise<{ close(): Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined); // The other side may be gone before it is answered.
      socket.end('HTTP/1.0 400 Bad Request\r\n\r\n');
    });
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve({
        close: () => {
          const closed = new Promise((done) => server.close(done));
          for (const socket of open) socket.destroy();
          return closed;
        },
      });
    });
  });
}
