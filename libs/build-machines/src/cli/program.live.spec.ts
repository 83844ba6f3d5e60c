import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateFolder } from '@build-machines/machines';
import { CAPABILITY_TYPE, PROTOCOL_VERSION } from '@build-machines/protocol';
import { hubAdminToken } from '@build-machines/remote';
import { HubClient, startHub, type RunningHub } from '@build-machines/state-hub';
import { runCommandLine } from './program.js';
import type { Surroundings } from './surroundings.js';

describe('build-machines', () => {
  let root: string;
  let hub: RunningHub;
  let client: HubClient;
  let printed: { stdout: string; stderr: string };
  let surroundings: Surroundings;

  /** Runs a command line and returns its exit status; what it prints is in `printed`. */
  const run = (...args: string[]): Promise<number> => {
    printed.stdout = '';
    printed.stderr = '';
    return runCommandLine(args, surroundings, '1.2.3');
  };

  const json = async (...args: string[]): Promise<unknown> => {
    expect(await run(...args, '--json')).toBe(0);
    return JSON.parse(printed.stdout);
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cli-'));
    const state = stateFolder({ BUILD_MACHINES_HOME: join(root, 'state') });
    const adminToken = await hubAdminToken(state);
    hub = await startHub({ port: 0, databaseFile: join(state.hub, 'hub.db'), adminToken });
    client = new HubClient({ url: hub.url, token: adminToken });
    await writeFile(join(root, 'nx.json'), '{}');
    await writeFile(
      join(root, 'port-registry.yml'),
      `range: { first: 41000, last: 41009 }\nservices: { relay: 41010, hub: ${hub.port} }\nmachines:\n  sandbox: 41000\n`,
    );
    await mkdir(join(root, 'machines/sandbox'), { recursive: true });
    await writeFile(join(root, 'machines/sandbox/machine.yml'), 'name: sandbox\nprovider: sandbox\n');
    printed = { stdout: '', stderr: '' };
    const into = (stream: 'stdout' | 'stderr') => ({
      write: (text: string | Uint8Array): boolean => {
        printed[stream] += String(text);
        return true;
      },
    });
    surroundings = {
      cwd: root,
      env: {},
      state,
      bridgeBundle: '',
      stdout: into('stdout'),
      stderr: into('stderr'),
      signal: new AbortController().signal,
      now: Date.now,
    };
  });

  afterEach(async () => {
    await hub.close();
    await rm(root, { recursive: true });
  });

  const register = (name: string) =>
    client.register({
      capability_type: CAPABILITY_TYPE,
      name,
      machine_id: `${name}-id`,
      tunnel_port: 41000,
      agent_version: '1.0.0',
      protocol: PROTOCOL_VERSION,
      hostname: name,
      os: 'linux',
      arch: 'x86_64',
      cpus: 4,
      memory_bytes: 8e9,
      toolchains: [{ tool: 'ghc', version: '9.8.4', path: '/ghc' }],
      labels: {},
      slots: 2,
    });

  const startRun = async (label: string, log: string): Promise<string> => {
    const id = randomUUID();
    await client.startRun({ id, label, machine: 'sandbox', project: 'app' });
    await client.appendLog(id, 0, Buffer.from(log));
    return id;
  };

  it('opens the page by an address that works once, and gives no token away', async () => {
    const { url } = (await json('hub', 'open')) as { url: string };
    expect(url).toMatch(new RegExp(`^${hub.url}/#code=bmh_[A-Za-z0-9_-]{43}$`));
    expect(await run('hub', 'open', '--print')).toBe(0);
    expect(printed.stdout).toContain(`works once:\n${hub.url}/#code=`);
    expect(printed.stdout).not.toContain(await hubAdminToken(surroundings.state));
  });

  it('uses the existing hub that machine.yml names, and says by name what that has not', async () => {
    const other = createServer((request, response) => {
      const isCatalog = request.url?.startsWith('/capability-catalog/') === true;
      response.writeHead(isCatalog ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ results: [{ hostname: 'sandbox', status: 'ready', toolchains: ['ghc 9.6.6'] }] }));
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      const definition = `name: sandbox\nprovider: sandbox\nhub:\n  url: ${url}\n`;
      await writeFile(join(root, 'machines/sandbox/machine.yml'), definition);
      expect(await run('machines')).toBe(0);
      expect(printed.stdout).toMatch(/sandbox +sandbox +41000 +ready .*ghc 9\.6\.6/);
      expect(printed.stderr).toContain('it has no heartbeats, leases, runs, events, cache');
      await expect(run('queue')).rejects.toThrow(`${url} has no leases`);
    } finally {
      other.close();
    }
  });

  it('writes a unit for a hub that runs by itself, and tells how to start it', async () => {
    surroundings = { ...surroundings, env: { HOME: root }, bridgeBundle: '/opt/package/dist/bridge.cjs' };
    expect(await run('hub', 'install-service', '--print')).toBe(0);
    const unit = printed.stdout;
    expect(unit).toContain(`"/opt/package/dist/hub.cjs" serve --state "${surroundings.state.hub}" --port ${hub.port}`);
    expect(existsSync(join(root, '.config'))).toBe(false);
    expect(await run('hub', 'install-service')).toBe(0);
    const file = join(root, '.config/systemd/user/build-machines-hub.service');
    expect(await readFile(file, 'utf8')).toBe(unit);
    expect(printed.stdout).toContain('systemctl --user enable --now build-machines-hub.service');
  });

  it('lists machines that are defined, registered, or both', async () => {
    await register('sandbox');
    await register('elsewhere');
    expect(await json('machines')).toMatchObject([
      { name: 'elsewhere', provider: null, port: 41000, hub: { state: 'ready' } },
      { name: 'sandbox', provider: 'sandbox', port: 41000, hub: { state: 'ready', slots: 2 } },
    ]);
    await run('machines');
    expect(printed.stdout).toMatch(
      /^NAME +PROVIDER +PORT +STATE[\s\S]*\nsandbox +sandbox +41000 +ready +0\/2.*ghc 9\.8\.4\n/,
    );
  });

  it('reads the catalog of another hub where machine.yml says that it lies, whichever way that hub is named', async () => {
    const other = createServer((request, response) => {
      const isList = request.url === '/api/agents?kind=haskell-build-agent';
      response.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isList ? { found: [{ title: 'sandbox', ssh: { port: 41000 } }] } : {}));
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const catalog =
      '{ listPath: /api/agents, typeParameter: kind, collection: [found], fields: { name: [title], tunnelPort: [ssh.port] } }';
    const file = join(root, 'machines/sandbox/machine.yml');
    try {
      await writeFile(file, `name: sandbox\nprovider: sandbox\nhub:\n  url: ${url}\n  catalog: ${catalog}\n`);
      for (const more of [[], ['--hub', url]])
        expect(await json('machines', ...more)).toMatchObject([
          { name: 'sandbox', port: 41000, hub: { state: 'unknown', tunnelPort: 41000 } },
        ]);
      expect(printed.stderr).toContain('it has no heartbeats, leases, runs, events, cache');
    } finally {
      other.close();
    }
  });

  it('lists what is defined while the hub is down, and says so', async () => {
    await hub.close();
    expect(await json('machines')).toMatchObject([{ name: 'sandbox', hub: null }]);
    expect(printed.stderr).toMatch(/does not answer.*states are not known/);
  });

  it('fails when a hub that was named does not answer', async () => {
    await hub.close();
    await expect(run('machines', '--hub', hub.url)).rejects.toMatchObject({ code: 'hub-unreachable' });
  });

  it('lists runs, and only those that are asked for', async () => {
    await register('sandbox');
    const id = await startRun('app:remote-build', '');
    await client.finishRun(id, { outcome: 'failed', exit_code: 1 });
    await startRun('app:remote-test', '');
    expect(await json('runs')).toMatchObject([{ label: 'app:remote-test' }, { label: 'app:remote-build' }]);
    expect(await json('runs', '--outcome', 'failed')).toMatchObject([{ id }]);
    await run('runs', '--limit', '1');
    expect(printed.stdout).toMatch(/^RUN +TASK[^\n]*\n[0-9a-f]{8} +app:remote-test +sandbox +running/);
    expect(await run('runs', '--limit', '0')).toBe(64);
    expect(await run('runs', '--outcome', 'splendid')).toBe(64);
  });

  it('prints the log of a run that is told by the start of its id', async () => {
    await register('sandbox');
    const id = await startRun('app:remote-build', 'Compiling ✓\n');
    await startRun('app:remote-test', 'the newest\n');
    await run('logs', id.slice(0, 8));
    expect(printed.stdout).toBe('Compiling ✓\n');
    await run('logs');
    expect(printed.stdout).toBe('the newest\n');
    await expect(run('logs', 'zzz')).rejects.toMatchObject({ code: 'run-not-found' });
  });

  it('follows the log of a run to its end', async () => {
    await register('sandbox');
    const id = await startRun('app:remote-build', 'one\n');
    const following = run('logs', '--follow', id);
    await client.appendLog(id, 4, Buffer.from('two\n'));
    await client.finishRun(id, { outcome: 'succeeded', exit_code: 0 });
    expect(await following).toBe(0);
    expect(printed.stdout).toBe('one\ntwo\n');
    expect(await run('logs', '--follow', '--json', id)).toBe(0);
    const pieces = printed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { run: string; text: string });
    expect(pieces.every((piece) => piece.run === id)).toBe(true);
    expect(pieces.map((piece) => piece.text).join('')).toBe('one\ntwo\n');
  });

  it('shows who holds a machine, who waits, and why', async () => {
    await register('sandbox');
    await run('queue');
    expect(printed.stdout).toBe('No machine is leased.\n\nNobody waits.\n');
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of ids) await client.requestLease({ id, label: 'app:remote-build' });
    expect(await json('queue')).toMatchObject({ leases: [{ machine: 'sandbox' }, {}], waiting: [{ position: 1 }] });
    await run('queue');
    expect(printed.stdout).toMatch(/^MACHINE +SLOT[\s\S]*\nPOSITION +TASK[^\n]*\n1 +app:remote-build/);
  });

  it("shows the hub's state", async () => {
    await register('sandbox');
    await run('hub', 'status');
    expect(printed.stdout).toContain(`hub       ${hub.url}`);
    expect(printed.stdout).toContain('machines  1 ready, 0 stale, 0 gone');
  });

  it('makes, lists and revokes tokens, and never lists a secret', async () => {
    await run('hub', 'token', 'create', 'cache-read', 'pull-requests');
    const secret = printed.stdout.trim();
    expect(secret.length).toBeGreaterThanOrEqual(32);
    const [made] = (await json('hub', 'token', 'list')) as { id: string; name: string }[];
    expect(made).toMatchObject({ role: 'cache-read', name: 'pull-requests' });
    expect(printed.stdout).not.toContain(secret);
    await run('hub', 'token', 'revoke', made?.id ?? '');
    expect(await json('hub', 'token', 'list')).toEqual([]);
  });

  it('backs database and logs up beside a running hub, overwrites nothing, and restores elsewhere', async () => {
    await register('sandbox');
    const id = await startRun('app:remote-build', 'Compiling\n');
    expect(await json('hub', 'backup', 'copy.tar.gz')).toEqual({ file: join(root, 'copy.tar.gz'), logs: 1 });
    await expect(run('hub', 'backup', 'copy.tar.gz')).rejects.toMatchObject({ code: 'hub-backup-target' });
    await expect(run('hub', 'restore', 'copy.tar.gz')).rejects.toMatchObject({ code: 'hub-running' });
    expect(await json('hub', 'restore', 'copy.tar.gz', '--state', 'other')).toMatchObject({ logs: 1, before: null });
    expect(await readFile(join(root, 'other/hub/run-logs', `${id}.log`), 'utf8')).toBe('Compiling\n');
  });

  it('sends the administrator token to the embedded hub alone', async () => {
    surroundings = { ...surroundings, env: { BUILD_MACHINES_HUB_URL: hub.url } };
    await expect(run('hub', 'token', 'list')).rejects.toMatchObject({ status: 401 });
  });

  it('says that the bridge does not run, with status 1', async () => {
    expect(await run('bridge', 'status')).toBe(1);
    expect(printed.stdout).toMatch(/^The bridge is not running/);
    expect(await run('bridge', 'stop')).toBe(0);
    expect(printed.stdout).toBe('The bridge was not running.\n');
  });

  it('needs a workspace to start the bridge', async () => {
    surroundings = { ...surroundings, cwd: tmpdir() };
    await expect(run('bridge', 'start')).rejects.toMatchObject({ code: 'outside-workspace' });
  });

  it('ends with the statuses that it documents', async () => {
    expect(await run('--version')).toBe(0);
    expect(printed.stdout).toBe('1.2.3\n');
    expect(await run('machinez')).toBe(64);
    expect(printed.stderr).toContain('Did you mean machines?');
    expect(await run('hub', 'token', 'create', 'emperor', 'me')).toBe(64);
  });
});
