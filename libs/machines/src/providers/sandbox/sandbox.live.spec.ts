import { makeTemporaryFolder } from '@build-machines/owned-files';
import { appendFile, copyFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuildMachinesError, MachineDefinition } from '@build-machines/protocol';
import { execa } from 'execa';
import { resolveMachineAccess } from '../../access/access-record.js';
import type { MachineAccess } from '../../access/machine-access.js';
import { waitForMachine } from '../../access/wait-for-machine.js';
import { isPortFree, randomFreePort } from '../../network/free-port.js';
import { descendantsOf, processesWithEnvironment } from '../../processes/find-processes.js';
import { identifyProcess, isRunning } from '../../processes/process-identity.js';
import { authorizeTunnel } from '../../relay/authorize.js';
import { startRelay, type Relay } from '../../relay/start-relay.js';
import { workstationAccount } from '../../state/account.js';
import { stateFolder, type StateFolder } from '../../state/state-folder.js';
import { claimInstance } from '../../supervision/instance.js';
import { builtProgram } from '@build-machines/testing';
import { writeStandInAgent } from '../../testing/stand-in-agent.js';
import { sandboxLayout } from './layout.js';
import { reviveSandboxes } from './revive-sandboxes.js';
import { sandboxDown } from './sandbox-down.js';
import { ensureSandboxTunnelKey } from './sandbox-keys.js';
import { sandboxStatus } from './sandbox-status.js';
import { sandboxUp, type SandboxUpOptions } from './sandbox-up.js';

class BusyError extends BuildMachinesError {
  readonly code = 'machine-busy';
}

describe('sandbox machines', () => {
  let folder: string;
  let state: StateFolder;
  let relay: Relay;
  let hub: Server;
  let hubPort: number;
  let agentBundle: string;
  const ports: Record<string, number> = {};
  const account = workstationAccount();

  const options = (name: string, more: Partial<SandboxUpOptions> = {}): SandboxUpOptions => ({
    state,
    machine: {
      definition: MachineDefinition.parse({ name, provider: 'sandbox' }),
      port: ports[name]!,
      services: { relay: relay.port, hub: hubPort },
    },
    relay: { host: '127.0.0.1', port: relay.port, user: relay.user, hostKey: relay.hostKey },
    hub: { host: 'localhost', port: hubPort, path: '', catalog: null, token: `token of ${name}` },
    agentBundle,
    supervisorBundle: builtProgram('sandbox-supervisor.cjs'),
    account,
    bridge: null,
    release: '0.1.0',
    apply: 'all',
    authorize: async (port) => {
      const { publicKey } = await ensureSandboxTunnelKey(state, name);
      await authorizeTunnel(state, { machine: name, publicKey, port, hubPort });
    },
    whileIdle: (change) => change(),
    ...more,
  });
  const up = async (name: string, more: Partial<SandboxUpOptions> = {}): Promise<MachineAccess> => {
    const { access } = await sandboxUp(options(name, more));
    await waitForMachine(access, { timeoutMs: 20_000 });
    return access;
  };
  const sshOptions = async (access: MachineAccess): Promise<string[]> => {
    const knownHosts = join(folder, `${access.name}.hosts`);
    await writeFile(knownHosts, `${access.name} ${access.hostKey}\n`);
    return [
      ...['-F', 'none', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none'],
      ...['-o', `IdentityFile=${access.identityFile}`, '-o', `UserKnownHostsFile=${knownHosts}`],
      ...['-o', `HostKeyAlias=${access.name}`, '-o', 'StrictHostKeyChecking=yes', '-o', `Port=${access.sshPort}`],
      ...['-o', 'ConnectTimeout=10', '-o', `User=${access.user}`],
    ];
  };
  /** Runs a command in the machine, through its tunnel. */
  const inside = async (access: MachineAccess, command: string): Promise<string> =>
    (await execa('ssh', [...(await sshOptions(access)), '127.0.0.1', command])).stdout;
  const pids = async (name: string): Promise<Record<string, number | undefined>> => {
    const status = await sandboxStatus(state, name);
    return {
      ...Object.fromEntries(status.children.map((child) => [child.name, child.pid])),
      supervisor: status.supervisorPid,
    };
  };
  const until = async (condition: () => unknown): Promise<void> => {
    const deadline = performance.now() + 25_000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`still not so: ${condition.toString()}`);
      await sleep(50);
    }
  };

  beforeAll(async () => {
    folder = await makeTemporaryFolder(join(tmpdir(), 'sbx-'));
    state = stateFolder({ BUILD_MACHINES_HOME: join(folder, 's') });
    hub = createServer((_, answer) => answer.end('the hub'));
    await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
    hubPort = (hub.address() as { port: number }).port;
    const taken = new Set<number>();
    const fresh = async (): Promise<number> => {
      const port = await randomFreePort(taken);
      taken.add(port);
      return port;
    };
    for (const name of ['box-a', 'box-b']) ports[name] = await fresh();
    relay = await startRelay({ state, port: await fresh(), listenAddress: '127.0.0.1', account });
    agentBundle = await writeStandInAgent(folder);
  });
  afterAll(async () => {
    for (const name of Object.keys(ports)) await sandboxDown({ state, name });
    await relay.close();
    hub.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('come up with sshd, agent and tunnel, in a home folder of their own', async () => {
    const access = await up('box-a');
    expect(await resolveMachineAccess(state, 'box-a')).toEqual(access);
    const { home } = sandboxLayout(state, 'box-a');
    expect(await inside(access, 'echo "$HOME"; pwd')).toBe(`${home}\n${home}`);
    expect(await sandboxStatus(state, 'box-a')).toMatchObject({ state: 'running' });
  });

  it('let the agent be reached through SSH only', async () => {
    const access = await resolveMachineAccess(state, 'box-a');
    expect((await stat(access.agentSocket)).mode & 0o777).toBe(0o600);
    const local = join(folder, 'agent.sock');
    const forward = execa(
      'ssh',
      [...(await sshOptions(access)), '-N', '-L', `${local}:${access.agentSocket}`, '127.0.0.1'],
      { reject: false },
    );
    await until(() =>
      stat(local).then(
        () => true,
        () => false,
      ),
    );
    const info = await execa('curl', ['-sS', '--unix-socket', local, 'http://agent/v1/info']);
    expect(JSON.parse(info.stdout)).toMatchObject({ name: 'box-a', home: sandboxLayout(state, 'box-a').home });
    const answer = await execa('curl', ['-sS', '--unix-socket', local, 'http://agent/hub']);
    expect(answer.stdout).toBe('the hub');
    forward.kill();
    await forward;
  });

  it('take files by scp into their home folder, and keep quoting, exit status and terminals', async () => {
    const access = await resolveMachineAccess(state, 'box-a');
    const ssh = await sshOptions(access);
    const file = join(folder, "a file's name");
    await writeFile(file, 'content');
    await execa('scp', [...ssh, '-q', file, '127.0.0.1:']);
    expect(await readFile(join(sandboxLayout(state, 'box-a').home, "a file's name"), 'utf8')).toBe('content');
    expect(await inside(access, `cat "a file's name"`)).toBe('content');
    expect((await execa('ssh', [...ssh, '127.0.0.1', 'exit 7'], { reject: false })).exitCode).toBe(7);
    expect((await execa('ssh', [...ssh, '-tt', '127.0.0.1', 'test -t 0 && echo a terminal'])).stdout).toContain(
      'a terminal',
    );
  });

  it('are left alone by a second up', async () => {
    const before = await pids('box-a');
    expect(await sandboxUp(options('box-a'))).toMatchObject({ changed: false });
    expect(await pids('box-a')).toEqual(before);
  });

  it('stand side by side, each with its own ports and files', async () => {
    const [a, b] = [await resolveMachineAccess(state, 'box-a'), await up('box-b')];
    expect(await inside(b, 'pwd')).toBe(sandboxLayout(state, 'box-b').home);
    expect(await inside(a, 'pwd')).toBe(sandboxLayout(state, 'box-a').home);
    const [statusA, statusB] = [await sandboxStatus(state, 'box-a'), await sandboxStatus(state, 'box-b')];
    const used = [statusA.sshdPort, statusA.forwardPort, statusB.sshdPort, statusB.forwardPort];
    expect(new Set(used).size).toBe(4);
    expect(a.hostKey).not.toBe(b.hostKey);
    await sandboxDown({ state, name: 'box-b' });
    expect(await inside(a, 'echo still here')).toBe('still here');
  });

  it('take another port for the way to the hub when a stranger takes theirs', async () => {
    await up('box-b');
    const { forwardPort } = await sandboxStatus(state, 'box-b');
    process.kill((await pids('box-b'))['tunnel']!, 'SIGKILL');
    const stranger = createServer();
    await until(
      () =>
        new Promise((resolve) => {
          stranger.once('error', () => {
            resolve(false);
          });
          stranger.listen(forwardPort, '127.0.0.1', () => {
            resolve(true);
          });
        }),
    );
    try {
      await until(() => isPortFree(ports['box-b']!));
      await until(async () =>
        (await readFile(join(sandboxLayout(state, 'box-b').supervisor, 'tunnel.log'), 'utf8')).includes(
          'cannot listen',
        ),
      );
      const access = await up('box-b');
      expect((await sandboxStatus(state, 'box-b')).forwardPort).not.toBe(forwardPort);
      expect(await inside(access, 'echo back')).toBe('back');
    } finally {
      stranger.close();
      await sandboxDown({ state, name: 'box-b' });
    }
  });

  it.each(['sshd', 'agent', 'tunnel'])('get their %s back when it is killed', async (part) => {
    const before = await pids('box-a');
    process.kill(before[part]!, 'SIGKILL');
    await until(async () => ![undefined, before[part]].includes((await pids('box-a'))[part]));
    const { access } = await sandboxUp(options('box-a'));
    await waitForMachine(access, { timeoutMs: 20_000 });
    const after = await pids('box-a');
    expect({ ...after, [part]: 0 }).toEqual({ ...before, [part]: 0 });
    expect(await inside(access, 'echo back')).toBe('back');
  });

  it('get their tunnel back when ssh is killed below autossh', async () => {
    const ssh = async (): Promise<number | undefined> =>
      descendantsOf((await pids('box-a'))['tunnel'] ?? -1).map(({ pid }) => pid)[0];
    const before = (await ssh())!;
    process.kill(before, 'SIGKILL');
    await until(async () => ![undefined, before].includes(await ssh()));
    await waitForMachine(await resolveMachineAccess(state, 'box-a'), { timeoutMs: 20_000 });
  });

  it('get their supervisor back by the next who looks, and nothing else starts anew', async () => {
    const before = await pids('box-a');
    process.kill(before['supervisor']!, 'SIGKILL');
    await until(async () => (await sandboxStatus(state, 'box-a')).state === 'degraded');
    expect(await reviveSandboxes(state, () => undefined)).toEqual(['box-a']);
    await until(async () => (await sandboxStatus(state, 'box-a')).state === 'running');
    expect({ ...(await pids('box-a')), supervisor: 0 }).toEqual({ ...before, supervisor: 0 });
    expect(await reviveSandboxes(state, () => undefined)).toEqual([]);
  });

  it('come up again over what a killed supervisor and a killed agent left', async () => {
    const before = await pids('box-a');
    process.kill(before['supervisor']!, 'SIGKILL');
    process.kill(before['agent']!, 'SIGKILL');
    expect(await sandboxUp(options('box-a'))).toMatchObject({ changed: true });
    const after = await pids('box-a');
    expect(after['sshd']).toBe(before['sshd']);
    expect(after['agent']).not.toBe(before['agent']);
  });

  it('take a new token without a new sshd or tunnel', async () => {
    const before = await pids('box-a');
    await sandboxUp(
      options('box-a', { hub: { host: 'localhost', port: hubPort, path: '', catalog: null, token: 'a new token' } }),
    );
    const after = await pids('box-a');
    expect([after['sshd'], after['tunnel']]).toEqual([before['sshd'], before['tunnel']]);
    expect(after['agent']).not.toBe(before['agent']);
    const { stdout } = await execa('ps', ['-eo', 'args']);
    expect(stdout).not.toContain('a new token');
  });

  it('stay as they are for another shell, another workspace and an older release', async () => {
    const before = await pids('box-a');
    const token = 'a new token';
    const hubAsBefore = { host: 'localhost', port: hubPort, path: '', catalog: null, token };
    const copy = join(folder, 'copy-of-agent.cjs');
    await copyFile(agentBundle, copy);
    await appendFile(copy, '// another build\n');
    const elsewhere: Partial<SandboxUpOptions> = { hub: hubAsBefore, agentBundle: copy, supervisorBundle: copy };
    for (const more of [
      { account: { ...account, path: `${account.path}:/opt/other/bin`, locale: 'de_DE.UTF-8' }, hub: hubAsBefore },
      elsewhere,
      { ...elsewhere, release: '0.0.9' },
    ])
      expect(await sandboxUp(options('box-a', more))).toMatchObject({ changed: false, waiting: [] });
    expect(await pids('box-a')).toEqual(before);
  });

  it('stay as they are while they are busy, and say what waits', async () => {
    const before = await pids('box-a');
    const hubAsBefore = { host: 'localhost', port: hubPort, path: '', catalog: null, token: 'a new token' };
    const definition = MachineDefinition.parse({ name: 'box-a', provider: 'sandbox', slots: 4 });
    const wanted = options('box-a', { hub: hubAsBefore });
    const changed = { ...wanted, machine: { ...wanted.machine, definition } };
    const busy = new BusyError('it builds', { hint: '' });
    const outcome = await sandboxUp({ ...changed, whileIdle: () => Promise.reject(busy) });
    expect(outcome).toMatchObject({ changed: false, waiting: [{ text: 'slots: 1 → 4' }], busy });
    expect(await pids('box-a')).toEqual(before);
    process.kill(before['supervisor']!, 'SIGKILL');
    await sandboxUp({ ...changed, whileIdle: () => Promise.reject(busy) });
    expect({ ...(await pids('box-a')), supervisor: 0 }).toEqual({ ...before, supervisor: 0 });
    expect(await sandboxUp({ ...changed, apply: 'needed' })).toMatchObject({ changed: false });
    expect(await sandboxUp(changed)).toMatchObject({ changed: true, waiting: [] });
    expect((await pids('box-a'))['agent']).not.toBe(before['agent']);
  });

  it('find another tunnel port when a machine of another workspace has theirs', async () => {
    const wanted = options('box-b');
    const access = await sandboxUp({ ...wanted, machine: { ...wanted.machine, port: ports['box-a']! } });
    expect(access.access.sshPort).not.toBe(ports['box-a']);
    await waitForMachine(access.access, { timeoutMs: 20_000 });
    expect(await inside(access.access, 'echo there')).toBe('there');
    await sandboxDown({ state, name: 'box-b' });
  });

  it('bring back a bridge that was killed, but not one that was stopped on purpose', async () => {
    const instanceFile = join(folder, 'bridge.json');
    const stoppedFile = join(folder, 'stopped');
    const mark = join(folder, 'bridge-starts');
    await claimInstance(instanceFile);
    const bridge = {
      command: '/bin/sh',
      args: ['-c', `echo started >> ${mark}`],
      env: { PATH: account.path },
      cwd: '/',
      instanceFile,
      stoppedFile,
    };
    const revivalFile = join(folder, 'revival.json');
    await writeFile(revivalFile, JSON.stringify(bridge));
    await sandboxDown({ state, name: 'box-a' });
    await up('box-a', { bridge: revivalFile });
    await writeFile(stoppedFile, '');
    await rm(instanceFile);
    await sleep(2_500);
    await expect(stat(mark)).rejects.toThrow();
    await rm(stoppedFile);
    await until(() =>
      stat(mark).then(
        () => true,
        () => false,
      ),
    );
  });

  it('leave nothing running when they go down, also when their supervisor was killed before', async () => {
    const { home } = sandboxLayout(state, 'box-a');
    const access = await up('box-a');
    await inside(access, 'setsid sleep 1000 >/dev/null 2>&1 < /dev/null &');
    const all = Object.values(await pids('box-a')).map((pid) => identifyProcess(pid!)!);
    process.kill((await pids('box-a'))['supervisor']!, 'SIGKILL');
    await sandboxDown({ state, name: 'box-a' });
    expect(all.filter(isRunning)).toEqual([]);
    expect(processesWithEnvironment('HOME', home)).toEqual([]);
    expect(await sandboxStatus(state, 'box-a')).toMatchObject({ state: 'stopped' });
    await expect(resolveMachineAccess(state, 'box-a')).rejects.toMatchObject({
      hint: 'Run `nx run box-a:up`.',
    });
    await sandboxDown({ state, name: 'box-a' });
    expect(await reviveSandboxes(state, () => undefined)).toEqual([]);
  });

  it('keep their home folder when they go down, and lose it when they are removed', async () => {
    const { root } = sandboxLayout(state, 'box-b');
    await up('box-b');
    await sandboxDown({ state, name: 'box-b' });
    expect(await readdir(root)).toContain('home');
    await sandboxDown({ state, name: 'box-b', remove: true });
    await expect(stat(root)).rejects.toThrow();
  });

  it('end with their folder, when that is deleted under them', async () => {
    await up('box-b');
    const all = Object.values(await pids('box-b')).map((pid) => identifyProcess(pid!)!);
    await rm(sandboxLayout(state, 'box-b').root, { recursive: true, force: true });
    await until(() => all.every((identity) => !isRunning(identity)));
  });

  it('say what to do when the agent was not built, and when the state folder is too deep', async () => {
    await expect(sandboxUp(options('box-b', { agentBundle: '/nowhere/agent.cjs' }))).rejects.toMatchObject({
      code: 'agent-bundle-missing',
    });
    const deep = stateFolder({ BUILD_MACHINES_HOME: `/${'d'.repeat(90)}` });
    await expect(sandboxUp(options('box-b', { state: deep }))).rejects.toMatchObject({
      code: 'state-path-too-long',
      hint: expect.stringContaining('BUILD_MACHINES_HOME'),
    });
  });

  it('say which part does not come up, with the end of its log', async () => {
    const broken = join(folder, 'broken.cjs');
    await writeFile(broken, 'console.error("no such thing"); process.exit(1)');
    await expect(sandboxUp(options('box-b', { agentBundle: broken, patienceMs: 2_000 }))).rejects.toMatchObject({
      code: 'sandbox-not-ready',
      message: expect.stringMatching(/sandbox's agent does not answer after 2 s: .*no such thing/),
    });
  });

  it('name the log of a supervisor that does not start', async () => {
    await sandboxDown({ state, name: 'box-b' });
    const supervisor = join(folder, 'broken-supervisor.cjs');
    await writeFile(supervisor, 'console.error("cannot supervise"); process.exit(1)');
    await expect(sandboxUp(options('box-b', { supervisorBundle: supervisor }))).rejects.toMatchObject({
      code: 'sandbox-supervisor-not-started',
      message: expect.stringContaining('cannot supervise'),
    });
  });
});
