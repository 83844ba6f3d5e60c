import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { eventually } from './support/eventually.js';
import { edit } from './support/example.js';
import { occupy } from './support/free-ports.js';
import { journey } from './support/journey.js';
import { dropConnections, processesOfPart, processOfPart, stopBridge, up } from './support/machine.js';
import { failed, succeeded } from './support/nx-output.js';
import { isAlive } from './support/processes.js';
import type { Ended } from './support/run-program.js';
import { smallProject, wordModule } from './support/small-project.js';
import { nx, writeTree, type Workspace } from './support/workspace.js';

/** A line of a stack trace. */
const stackLine = /^\s+at .+:\d+:\d+\)?$/m;

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
    expect(ended.output).not.toMatch(stackLine);
    expect(ended.output).not.toContain('defect of build-machines');
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\nThe output was:\n${ended.output}`);
  }
}

/**
 * A second name for the sandbox machine: a host that is simply there, so that nothing brings it up or mends it by itself,
 * as a target does with a sandbox. It is reached through the same tunnel, sshd and agent.
 */
function defineHost(workspace: Workspace): void {
  const { state, ports } = workspace.workstation;
  const access = JSON.parse(readFileSync(join(state, 'machines/sandbox/access.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  mkdirSync(join(state, 'machines/host'), { recursive: true, mode: 0o700 });
  writeFileSync(join(state, 'machines/host/access.json'), JSON.stringify({ ...access, name: 'host' }), { mode: 0o600 });
  writeTree(workspace, { 'machines/host/machine.yml': 'name: host\nprovider: ssh\nhost: localhost\ntunnel: false\n' });
  copyFileSync(join(state, 'sandboxes/sandbox/machine.lock'), join(workspace.root, 'machines/host/machine.lock'));
  edit(workspace, 'port-registry.yml', 'machines:\n', `machines:\n  host: ${ports.last}\n`);
}

describe('what goes wrong is told once, with what mends it', () => {
  const workspace = journey({
    prepare: (made) => {
      writeTree(made, smallProject('small', 'word'));
    },
  });
  beforeAll(() => {
    defineHost(workspace());
  });
  const sandbox = (path: string): string => join(workspace().workstation.state, 'sandboxes/sandbox', path);
  const onHost = (): Promise<Ended> => build(workspace(), '--machine=host');
  const onSandbox = (...args: string[]): Promise<Ended> => build(workspace(), '--machine=sandbox', ...args);
  const untilHostBuilds = (): Promise<unknown> =>
    eventually('builds work again', async () => (await onHost()).exitCode === 0);

  /** Kills the parts's process, and waits until the supervisor has replaced it. */
  async function restartSshd(): Promise<void> {
    const running = (): number[] => processesOfPart(workspace().workstation, 'machine sshd').map(({ pid }) => pid);
    const before = running();
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await eventually('another sshd runs', () => running().some((pid) => !before.includes(pid)));
  }

  it('a compiler that the machine does not have', async () => {
    expectClear(await onSandbox('--ghc=9.8.4'), 'toolchain-missing', /ghc-install/);
    succeeded(await onSandbox());
  });

  it('a version that is none', async () => {
    expectClear(await onSandbox('--ghc=nine'), 'options-invalid', /"ghc"/);
    expectClear(await onSandbox('--gch=9.0.2'), 'options-invalid', /Did you mean "ghc"/);
    expectClear(await nx(workspace(), ['run', 'sandbox:bridge-status', '--jsn']), 'options-invalid', /"json"/);
  });

  it('a machine that nobody defined', async () => {
    expectClear(
      await build(workspace(), '--machine=nowhere'),
      /machine/,
      /nx g build-machines:vm nowhere|machine\.yml/,
    );
  });

  it('a build key that the machine refuses', async () => {
    const authorized = sandbox('sshd/authorized_keys');
    copyFileSync(authorized, `${authorized}.kept`);
    writeFileSync(authorized, '');
    await dropConnections(workspace());
    expectClear(await onHost(), 'key-refused', /nx run host:(up|inject-keys)/);
    copyFileSync(`${authorized}.kept`, authorized);
    succeeded(await onHost());
  });

  it('another host key than the pinned one', async () => {
    const key = sandbox('keys/ssh_host_ed25519_key');
    for (const file of [key, `${key}.pub`]) copyFileSync(file, `${file}.kept`);
    rmSync(key);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'other', '-f', key]);
    await dropConnections(workspace());
    await restartSshd();
    expectClear(await onHost(), 'host-key-changed', /nx run host:inject-keys/);
    for (const file of [key, `${key}.pub`]) copyFileSync(`${file}.kept`, file);
    chmodSync(key, 0o600);
    await restartSshd();
    await untilHostBuilds();
  });

  it('an agent that is down', async () => {
    const supervisor = await processOfPart(workspace().workstation, 'supervisor');
    const agent = await processOfPart(workspace().workstation, 'agent');
    process.kill(supervisor.pid, 'SIGSTOP');
    try {
      process.kill(agent.pid, 'SIGKILL');
      await eventually('the agent is gone', () => !isAlive(agent.pid));
      expectClear(await onHost(), 'agent-down', /nx run host:(up|logs)/);
    } finally {
      process.kill(supervisor.pid, 'SIGCONT');
    }
    await untilHostBuilds();
  });

  it('an agent that hangs', async () => {
    const agent = await processOfPart(workspace().workstation, 'agent');
    process.kill(agent.pid, 'SIGSTOP');
    try {
      expectClear(await onHost(), 'agent-hangs', /nx run host:(up|logs)/);
    } finally {
      process.kill(agent.pid, 'SIGCONT');
    }
    await untilHostBuilds();
  });

  it('a machine that is down', async () => {
    succeeded(await nx(workspace(), ['run', 'sandbox:down']));
    expectClear(await onHost(), 'machine-unreachable', /nx run host:up/);
    await up(workspace());
    await untilHostBuilds();
  });

  it('a sandbox that is down is brought up, not complained about', async () => {
    succeeded(await nx(workspace(), ['run', 'sandbox:down']));
    succeeded(await onSandbox());
  });

  it.each(['relay', 'hub'] as const)('a %s that cannot start, because its port is taken', async (service) => {
    await stopBridge(workspace());
    const port = workspace().workstation.ports[service];
    const stranger = await occupy(port);
    try {
      for (const ended of [await nx(workspace(), ['run', 'sandbox:up'], { limit: 45_000 }), await onSandbox()]) {
        expectClear(ended, /port/, /port-registry\.yml/);
        expect(ended.output).toContain(String(port));
      }
    } finally {
      await stranger.vacate();
    }
    await up(workspace());
    succeeded(await onSandbox());
  });
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
