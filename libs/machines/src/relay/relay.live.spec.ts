import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type ResultPromise } from 'execa';
import { ensureKey, type KeyPair } from '../keys/ensure-key.js';
import { isPortFree, randomFreePort } from '../network/free-port.js';
import { readBanner } from '../network/ssh-banner.js';
import { workstationAccount } from '../state/account.js';
import { stateFolder, type StateFolder } from '../state/state-folder.js';
import { recordedChildren } from '../supervision/child-record.js';
import { RELAY_ALIAS, knownHostsLine, tunnelArguments } from '../tunnel/autossh-command.js';
import { authorizeTunnel, authorizedTunnels, revokeTunnel } from './authorize.js';
import { startRelay, type Relay } from './start-relay.js';

/** Ends a client of ours and waits until it is gone. */
async function end(client: ResultPromise): Promise<void> {
  client.kill('SIGKILL');
  await client.catch(() => undefined);
}

describe('the embedded relay', () => {
  let folder: string;
  let state: StateFolder;
  let relay: Relay;
  let key: KeyPair;
  let far: Server;
  let farPort: number;
  let hubPort: number;
  let tunnelPort: number;
  let knownHosts: string;
  const clients: ResultPromise[] = [];
  const account = workstationAccount();

  /** Starts ssh as a machine would; `extra` are further arguments. */
  const connect = (extra: string[], base?: string[]): ResultPromise => {
    const client = execa('ssh', [...(base ?? safeOptions()), ...extra], {
      reject: false,
      stdin: 'ignore',
      timeout: 20_000,
    }) as unknown as ResultPromise;
    clients.push(client);
    return client;
  };
  const safeOptions = (): string[] => [
    ...['-F', 'none', '-p', String(relay.port), '-l', relay.user, '-i', key.privateKeyFile],
    ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none'],
    ...['-o', `UserKnownHostsFile=${knownHosts}`, '-o', `HostKeyAlias=${RELAY_ALIAS}`],
    ...['-o', 'ExitOnForwardFailure=yes'],
  ];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rel-'));
    state = stateFolder({ BUILD_MACHINES_HOME: folder });
    far = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-machine\r\n');
    });
    await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve));
    farPort = (far.address() as { port: number }).port;
    hubPort = farPort;
    const taken = new Set<number>();
    const fresh = async (): Promise<number> => {
      const port = await randomFreePort(taken);
      taken.add(port);
      return port;
    };
    tunnelPort = await fresh();
    key = await ensureKey(join(folder, 'm', 'id_tunnel'), 'test');
    relay = await startRelay({ state, port: await fresh(), listenAddress: '127.0.0.1', account });
    knownHosts = join(folder, 'known_hosts');
    await writeFile(knownHosts, knownHostsLine(RELAY_ALIAS, relay.hostKey));
    await authorizeTunnel(state, { machine: 'box', publicKey: key.publicKey, port: tunnelPort, hubPort });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await end(client);
  });
  afterAll(async () => {
    await relay.close();
    far.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("carries a machine's tunnel in both directions", async () => {
    const forwardPort = await randomFreePort();
    void connect(
      tunnelArguments({
        relay: { host: '127.0.0.1', port: relay.port, user: relay.user },
        identityFile: key.privateKeyFile,
        knownHostsFile: knownHosts,
        reverse: { port: tunnelPort, toHost: '127.0.0.1', toPort: farPort },
        forward: { port: forwardPort, toHost: 'localhost', toPort: hubPort },
      }),
      [],
    );
    expect(await readBanner({ host: '127.0.0.1', port: tunnelPort, timeoutMs: 10_000 })).toBe('SSH-2.0-machine');
    expect(await readBanner({ host: '127.0.0.1', port: forwardPort, timeoutMs: 10_000 })).toBe('SSH-2.0-machine');
  });

  it.each([
    ['a command', ['127.0.0.1', 'id']],
    ['a shell', ['127.0.0.1']],
    ['a shell on a terminal', ['-tt', '127.0.0.1']],
    ['file transfer', ['-s', '127.0.0.1', 'sftp']],
  ])('gives a tunnel key no session: %s', async (_, extra) => {
    const { exitCode, stdout } = await connect(extra);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe('');
  });

  it('lets a tunnel key listen on its own port only', async () => {
    for (const listen of [
      `localhost:${await randomFreePort()}`,
      `127.0.0.1:${tunnelPort}`,
      `*:${tunnelPort}`,
      `0.0.0.0:${tunnelPort}`,
    ]) {
      const { exitCode, stderr } = await connect(['-N', '-R', `${listen}:127.0.0.1:${farPort}`, '127.0.0.1']);
      expect(exitCode).toBe(255);
      expect(stderr).toContain('remote port forwarding failed');
    }
    const socket = await connect(['-N', '-R', `${folder}/s.sock:127.0.0.1:${farPort}`, '127.0.0.1']);
    expect(socket.exitCode).toBe(255);
  });

  it('lets a tunnel key connect to the hub only', async () => {
    for (const target of [`localhost:${relay.port}`, `127.0.0.1:${hubPort}`]) {
      const { exitCode, stderr } = await connect(['-W', target, '127.0.0.1']);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain('administratively prohibited');
    }
    expect((await connect(['-W', `localhost:${hubPort}`, '127.0.0.1'])).stdout).toContain('SSH-2.0-machine');
  });

  it('refuses keys that are not authorised, passwords, and keys that were revoked', async () => {
    const stranger = await ensureKey(join(folder, 'm', 'id_stranger'), 'test');
    const refused = await connect(
      ['-i', stranger.privateKeyFile, '-N', '127.0.0.1'],
      safeOptions().filter((part, at, all) => part !== '-i' && all[at - 1] !== '-i'),
    );
    expect(refused.stderr).toContain('Permission denied (publickey)');
    await authorizeTunnel(state, { machine: 'gone', publicKey: stranger.publicKey, port: tunnelPort + 1, hubPort });
    await revokeTunnel(state, 'gone');
    await revokeTunnel(state, 'gone');
    expect(await authorizedTunnels(state)).toEqual([{ machine: 'box', port: tunnelPort }]);
    const revoked = await connect(
      ['-i', stranger.privateKeyFile, '-N', '127.0.0.1'],
      safeOptions().filter((part, at, all) => part !== '-i' && all[at - 1] !== '-i'),
    );
    expect(revoked.stderr).toContain('Permission denied (publickey)');
  });

  it("names both machines when a port is already another's", async () => {
    await expect(
      authorizeTunnel(state, { machine: 'other', publicKey: key.publicKey, port: tunnelPort, hubPort }),
    ).rejects.toMatchObject({
      code: 'tunnel-port-taken',
      message: expect.stringMatching(/"other".*"box"/),
    });
  });

  it('keeps its files to its owner', async () => {
    expect((await stat(state.relay)).mode & 0o777).toBe(0o700);
    for (const file of ['authorized_keys', 'ssh_host_ed25519_key', 'sshd_config'])
      expect((await stat(join(state.relay, file))).mode & 0o077).toBe(0);
  });

  it('comes back when it is killed', async () => {
    const [before] = await recordedChildren(state.relay);
    process.kill(before!.identity.pid, 'SIGKILL');
    let now = before;
    while (now === undefined || now.identity.pid === before!.identity.pid) {
      await sleep(50);
      [now] = await recordedChildren(state.relay);
    }
    expect(await readBanner({ host: '127.0.0.1', port: relay.port, timeoutMs: 10_000 })).toMatch(/^SSH-2.0-/);
  });

  it('is adopted with its tunnels by the next bridge', async () => {
    const [before] = await recordedChildren(state.relay);
    void connect(['-N', '-R', `localhost:${tunnelPort}:127.0.0.1:${farPort}`, '127.0.0.1']);
    await readBanner({ host: '127.0.0.1', port: tunnelPort, timeoutMs: 10_000 });
    await relay.handOver();
    relay = await startRelay({ state, port: relay.port, listenAddress: '127.0.0.1', account });
    const [after] = await recordedChildren(state.relay);
    expect(after?.identity).toEqual(before?.identity);
    expect(await readBanner({ host: '127.0.0.1', port: tunnelPort, timeoutMs: 10_000 })).toBe('SSH-2.0-machine');
  });

  it('ends with its tunnels', async () => {
    const client = connect(['-N', '-R', `localhost:${tunnelPort}:127.0.0.1:${farPort}`, '127.0.0.1']);
    await readBanner({ host: '127.0.0.1', port: tunnelPort, timeoutMs: 10_000 });
    await relay.close();
    expect((await client).exitCode).toBe(255);
    expect(await isPortFree(relay.port)).toBe(true);
    expect(await isPortFree(tunnelPort)).toBe(true);
    relay = await startRelay({ state, port: relay.port, listenAddress: '127.0.0.1', account });
  });

  it('says who holds its port', async () => {
    const other = stateFolder({ BUILD_MACHINES_HOME: join(folder, 'other') });
    await expect(
      startRelay({ state: other, port: farPort, listenAddress: '127.0.0.1', account }),
    ).rejects.toMatchObject({
      code: 'relay-port-taken',
      message: expect.stringContaining(`by process ${process.pid}`),
    });
  });

  it('says what to install where there is no sshd', async () => {
    // System folders are searched beside PATH, so this can only be shown with another program.
    const { requireProgram } = await import('../sshd/find-sshd.js');
    await expect(requireProgram('no-such-sshd', '/nowhere', 'openssh-server')).rejects.toMatchObject({
      hint: expect.stringContaining('apt-get install -y openssh-server'),
    });
  });

  it('writes a configuration that has no secrets in it and forbids sessions', async () => {
    const text = await readFile(join(state.relay, 'sshd_config'), 'utf8');
    expect(text).toContain('\nMaxSessions 0\n');
    expect(text).toContain('\nPasswordAuthentication no\n');
  });
});
