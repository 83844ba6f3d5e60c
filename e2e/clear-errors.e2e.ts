import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { eventually } from './support/eventually.js';
import { journey } from './support/journey.js';
import { processesOfPart, processOfPart, up } from './support/machine.js';
import { failed, succeeded } from './support/nx-output.js';
import { isAlive } from './support/processes.js';
import type { Ended } from './support/run-program.js';
import { smallProject, wordModule } from './support/small-project.js';
import { buildMachines, nx, writeTree, type Workspace } from './support/workspace.js';

let edition = 0;

/** Builds a text that was never built, so that no cache can answer. Ends it when it takes longer than "seconds". */
function build(workspace: Workspace, ...args: string[]): Promise<Ended> {
  edition += 1;
  writeTree(workspace, { 'small/src/Word.hs': wordModule(`edition ${edition}`) });
  return nx(workspace, ['run', 'small:remote-build', ...args], { limit: 45_000 });
}

/** One message of one kind, with its fix, from a command that failed by itself. */
function expectClear(ended: Ended, kind: string | RegExp, fix: RegExp): void {
  failed(ended);
  const messages = [...ended.output.matchAll(/^✖ .*\[([a-z-]+)\]$/gm)].map((match) => match[1]!);
  try {
    expect(ended.signal).toBeNull();
    expect(messages).toEqual([expect.stringMatching(kind)]);
    expect(ended.output).toMatch(/^ {2}→ .+/m);
    expect(/^ {2}→ [^]*/m.exec(ended.output)?.[0]).toMatch(fix);
    expect(ended.output).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
    expect(ended.output).not.toContain('defect of build-machines');
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\nThe output was:\n${ended.output}`);
  }
}

/** Ends the bridge, so that the next command makes connections of its own. */
async function stopBridge(workspace: Workspace): Promise<void> {
  succeeded(await buildMachines(workspace, ['bridge', 'stop']));
}

function occupy(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

describe('what goes wrong is told once, with what mends it', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, smallProject('small', 'word'));
    },
  });
  const sandbox = (path: string): string => join(workspace().workstation.state, 'sandboxes/sandbox', path);

  it('a compiler that the machine does not have', async () => {
    expectClear(await build(workspace(), '--ghc=9.8.4'), 'toolchain-missing', /ghc-install/);
    succeeded(await build(workspace()));
  });

  it('a version that is none', async () => {
    const ended = failed(await build(workspace(), '--ghc=nine'));
    expect(ended.output).toContain('must be an exact version');
    expect(ended.output).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  });

  it('a build key that the machine refuses', async () => {
    const authorized = sandbox('sshd/authorized_keys');
    copyFileSync(authorized, `${authorized}.kept`);
    writeFileSync(authorized, '');
    await stopBridge(workspace());
    expectClear(await build(workspace()), 'key-refused', /nx run sandbox:(up|inject-keys)/);
    copyFileSync(`${authorized}.kept`, authorized);
    succeeded(await build(workspace()));
  });

  it('another host key than the pinned one', async () => {
    const key = sandbox('keys/ssh_host_ed25519_key');
    for (const file of [key, `${key}.pub`]) copyFileSync(file, `${file}.kept`);
    rmSync(key);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'other', '-f', key]);
    await restart('machine sshd');
    await stopBridge(workspace());
    const ended = await eventually('the tunnel leads to the new sshd', async () => {
      const tried = await build(workspace());
      return !tried.output.includes('[machine-unreachable]') && tried;
    });
    expectClear(ended, 'host-key-changed', /nx run sandbox:up/);
    for (const file of [key, `${key}.pub`]) copyFileSync(`${file}.kept`, file);
    chmodSync(key, 0o600);
    await restart('machine sshd');
    await eventually('builds work again', async () => (await build(workspace())).exitCode === 0);
  });

  it('an agent that is down', async () => {
    const supervisor = await processOfPart(workspace().workstation, 'supervisor');
    const agent = await processOfPart(workspace().workstation, 'agent');
    process.kill(supervisor.pid, 'SIGSTOP');
    try {
      process.kill(agent.pid, 'SIGKILL');
      await eventually('the agent is gone', () => !isAlive(agent.pid));
      expectClear(await build(workspace()), 'agent-down', /nx run sandbox:(up|logs)/);
    } finally {
      process.kill(supervisor.pid, 'SIGCONT');
    }
    await eventually('builds work again', async () => (await build(workspace())).exitCode === 0);
  });

  it('a machine that is down', async () => {
    succeeded(await nx(workspace(), ['run', 'sandbox:down']));
    expectClear(await build(workspace()), /machine-(unreachable|down|not-up)/, /nx run sandbox:up/);
    await up(workspace());
    succeeded(await build(workspace()));
  });

  it.each(['relay', 'hub'] as const)('a %s that cannot start, because its port is taken', async (service) => {
    await stopBridge(workspace());
    const port = workspace().workstation.ports[service];
    const stranger = await eventually(`port ${port} is free`, () => occupy(port).catch(() => undefined));
    try {
      const ended = await nx(workspace(), ['run', 'sandbox:up'], { limit: 45_000 });
      expectClear(ended, /port/, /port-registry\.yml/);
      expect(ended.output).toContain(String(port));
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
    await up(workspace());
    succeeded(await build(workspace()));
  });

  it('a project without a cabal package, and a machine that nobody defined', async () => {
    expectClear(
      await build(workspace(), '--machine=nowhere'),
      /machine/,
      /nx g build-machines:vm nowhere|machine\.yml/,
    );
  });

  async function restart(part: 'machine sshd'): Promise<void> {
    const before = processesOfPart(workspace().workstation, part).map(({ pid }) => pid);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await eventually(`another ${part} runs`, () =>
      processesOfPart(workspace().workstation, part).some(({ pid }) => !before.includes(pid)),
    );
  }
});

// Only root can mount the small disk that is to become full.
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a full disk on the machine', () => {
  let disk = '';
  afterAll(() => {
    if (disk !== '') execFileSync('umount', ['--lazy', disk]);
  });
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, smallProject('small', 'word'));
      disk = join(made.workstation.state, 'sandboxes/sandbox/agent/state');
      mkdirSync(disk, { recursive: true, mode: 0o700 });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m,mode=0700', 'tmpfs', disk]);
    },
  });

  it('is told, nothing is lost, and builds work again when there is room', async () => {
    succeeded(await build(workspace()));
    writeTree(workspace(), { 'small/large.bin': randomBytes(48 * 1024 * 1024) });
    expectClear(await build(workspace()), 'disk-full', /space|room|free/i);
    writeTree(workspace(), { 'small/large.bin': null });
    succeeded(await build(workspace()));
  });
});
