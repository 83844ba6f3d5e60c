import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineAccess } from '@build-machines/machines';
import type { RunCommand } from '@build-machines/protocol';
import { builtProgram } from '@build-machines/testing';
import { connectDirect } from '../connection/direct-transport.js';
import type { TransportFactory } from '../connection/agent-transport.js';
import type { RunProgress } from '../runs/run-progress.js';
import { runRemotely, type RemoteRun } from '../runs/run-remotely.js';
import { scopeSources } from './scope-sources.js';
import type { SyncScope } from './scope-sources.js';
import { startCuttingProxy, type CuttingProxy } from './cutting-proxy.js';
import { startSshMachine, type SshMachine } from './ssh-machine.js';

/** A machine as a client sees it: the real agent behind a real sshd, behind a connection that can be cut. */
export interface AgentMachine {
  readonly ssh: SshMachine;
  readonly proxy: CuttingProxy;
  /** Through the proxy. */
  readonly access: MachineAccess;
  readonly connect: TransportFactory;
  startAgent(): Promise<void>;
  killAgent(): Promise<void>;
  close(): Promise<void>;
}

/** @param limits of the agent's configuration, where a test needs other ones than the usual. */
export async function startAgentMachine(limits: Readonly<Record<string, number>> = {}): Promise<AgentMachine> {
  const bundle = builtProgram('agent/build-agent.cjs');
  const ssh = await startSshMachine();
  const proxy = await startCuttingProxy(ssh.access.sshPort);
  const access = { ...ssh.access, sshPort: proxy.port };
  const config = join(ssh.folder, 'agent.json');
  const home = join(ssh.folder, 'home');
  await mkdir(home);
  const settings = {
    name: 'box',
    stateDir: join(ssh.folder, 'state'),
    socket: access.agentSocket,
    home,
    slots: 2,
    limits,
  };
  await writeFile(config, JSON.stringify(settings));
  let agent: ChildProcess | undefined;
  const machine: AgentMachine = {
    ssh,
    proxy,
    access,
    connect: ({ signal }) => connectDirect(access, { signal }),
    async startAgent() {
      agent = spawn(process.execPath, [bundle, 'serve', '--config', config], { stdio: 'ignore' });
      await untilAnswering(access.agentSocket);
    },
    async killAgent() {
      const child = agent;
      agent = undefined;
      if (child === undefined) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async close() {
      await machine.killAgent();
      await proxy.close();
      await ssh.close();
    },
  };
  await machine.startAgent();
  return machine;
}

async function untilAnswering(socketPath: string): Promise<void> {
  for (;;) {
    const answers = await new Promise<boolean>((resolve) => {
      const socket = connect(socketPath);
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    if (answers) return;
    await sleep(50);
  }
}

/** A workspace of files by path; a content of null makes an empty folder. */
export async function makeWorkspace(files: Readonly<Record<string, string | null>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'bmw-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(content === null ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (content !== null) await writeFile(join(root, path), content);
  }
  return root;
}

/** Runs a command and collects what was told. */
export async function collectRun(
  machine: AgentMachine,
  workspaceRoot: string,
  command: RunCommand,
  {
    scope = { roots: ['.'], files: [] },
    ...more
  }: {
    readonly scope?: SyncScope;
    readonly signal?: AbortSignal;
    readonly connect?: TransportFactory;
    readonly reconnectFor?: number;
    readonly onProgress?: (progress: RunProgress) => void;
  } = {},
): Promise<RemoteRun & { stdout: string; stderr: string; progress: RunProgress[] }> {
  const progress: RunProgress[] = [];
  const run = await runRemotely({
    connect: machine.connect,
    workspaceRoot,
    machine: 'box',
    user: 'tester',
    sources: scopeSources(workspaceRoot, scope),
    command,
    ...more,
    onProgress: (event) => {
      progress.push(event);
      more.onProgress?.(event);
    },
  });
  const output = (stream: string) =>
    progress.map((event) => (event.type === 'output' && event.stream === stream ? event.text : '')).join('');
  return { ...run, stdout: output('stdout'), stderr: output('stderr'), progress };
}
