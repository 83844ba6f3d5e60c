import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrivateFolder } from '../../disk/private-folder.js';
import { parsePublicKey } from '../../keys/public-key.js';
import type { RemoteShell } from '../../remote-shell/remote-shell.js';
import { readFacts, type HostFacts } from './host-facts.js';
import { hostLayout } from './host-layout.js';
import { installFiles, installedDigest } from './install-host.js';
import { prepareHost } from './prepare-host.js';
import { hostPrograms } from './programs.js';
import { missingRequirements } from './requirements.js';
import { unitText } from './units.js';

const facts: HostFacts = {
  home: '/home/ada',
  user: 'ada',
  path: '/usr/bin:/bin',
  node: { path: '/usr/bin/node', version: 'v18.19.0' },
  autossh: '/usr/bin/autossh',
  ssh: '/usr/bin/ssh',
  aptGet: true,
  systemd: true,
  userSystemd: true,
  linger: false,
  sudoRefusal: null,
  sshd: { host: '10.0.0.7', port: 22 },
};
const tunnel = {
  relay: { host: '10.0.0.2', port: 12220, user: 'ada' },
  reverse: { port: 12221, toHost: '127.0.0.1', toPort: 22 },
  forward: { port: 18000, toHost: 'localhost', toPort: 8000 },
};

describe('what a host says of itself', () => {
  const text =
    'Welcome to a chatty host!\nbegin=build-machines\nhome=/home/ada\nuser=ada\npath=/usr/bin\nnode=/usr/bin/node\n' +
    'nodeVersion=v18.19.0\nautossh=\nssh=/usr/bin/ssh\naptGet=/usr/bin/apt-get\nsystemd=yes\nsudoRefusal=sudo: a password is required\n' +
    'connection=10.0.0.2 51234 10.0.0.7 2222\nend=build-machines\n';

  it('is read whatever its shell says before', () => {
    expect(readFacts(text)).toMatchObject({
      home: '/home/ada',
      node: { path: '/usr/bin/node', version: 'v18.19.0' },
      autossh: null,
      systemd: true,
      userSystemd: false,
      sudoRefusal: 'sudo: a password is required',
      sshd: { host: '10.0.0.7', port: 2222 },
    });
  });

  it('is refused when it is not what our script prints', () => {
    expect(() => readFacts('fish: Unknown command')).toThrow('in a way that we do not understand');
  });

  it('tells all that is missing at once, and nothing that is not needed', () => {
    const bare = { ...facts, node: { path: '/usr/bin/node', version: 'v12.22.5' }, autossh: null };
    expect(missingRequirements(bare, true).map(({ what }) => what)).toEqual([
      'Node 18 or later (/usr/bin/node is v12.22.5)',
      'autossh',
    ]);
    expect(missingRequirements(bare, false)).toHaveLength(1);
    expect(missingRequirements(facts, true)).toEqual([]);
  });
});

describe("a host's systemd units", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unit-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  // No systemd runs where tests run; its own check of unit files needs none.
  const verify = (text: string, scope: 'system' | 'user'): string => {
    const file = join(folder, 'build-test-box.service');
    writeFileSync(file, text);
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', `--${scope}`, '--man=no', file], {
      encoding: 'utf8',
      // The account's systemd would have one; its check wants to know where it is.
      env: { PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder },
    });
    return `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line.includes('build-test-box'))
      .join('\n');
  };
  const programs = hostPrograms(
    { ...facts, node: { path: process.execPath, version: process.version } },
    hostLayout('/home/ada', 'box'),
    tunnel,
  );

  it.each(['system', 'user'] as const)('of the %s are what systemd understands', (kind) => {
    for (const program of programs) {
      const scope = kind === 'system' ? { kind, user: 'root' } : { kind };
      expect(verify(unitText(program, scope), kind)).toBe('');
    }
    expect(verify(unitText(programs[0]!, { kind: 'user' }).replace('Restart=', 'Restrat='), kind)).toContain('Restrat');
  });

  it('run as the account, hardened, and come back', () => {
    const text = unitText(programs[0]!, { kind: 'system', user: 'ada' });
    for (const line of [
      'User=ada',
      'Restart=always',
      'NoNewPrivileges=yes',
      'ProtectSystem=full',
      'CapabilityBoundingSet=',
    ])
      expect(text.split('\n')).toContain(line);
    expect(unitText(programs[0]!, { kind: 'user' })).not.toContain('User=');
    expect(unitText(programs[1]!, { kind: 'user' })).toContain('"localhost:12221:127.0.0.1:22"');
  });

  it('take no path for anything else', () => {
    const [agent] = programs;
    const odd = { ...agent!, args: ['/home/a "b" $HOME 100%/x'], env: { HOME: '/home/$USER %h' } };
    const text = unitText(odd, { kind: 'user' });
    expect(text).toContain('"/home/a \\"b\\" $$HOME 100%%/x"');
    expect(text).toContain('Environment="HOME=/home/$USER %%h"');
    expect(() => unitText({ ...agent!, args: ['a\nExecStartPre=/bin/false'] }, { kind: 'user' })).toThrow('control');
    expect(() => unitText(agent!, { kind: 'system', user: 'a\nb' })).toThrow('called');
  });
});

describe('installing in an account', () => {
  let home: string;
  let damage: (stdin: Buffer) => Buffer;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "host 'x "));
    damage = (stdin) => stdin;
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });
  // The scripts as they run over SSH, by the same shell.
  const shell: RemoteShell = {
    run(script, { stdin = '' } = {}) {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
        input: damage(Buffer.from(stdin)),
        env: { HOME: home, PATH: process.env['PATH'] },
        encoding: 'utf8',
      });
      return Promise.resolve({ exitCode: status ?? -1, stdout, stderr });
    },
    async succeed(step, script, options) {
      const { exitCode, stdout, stderr } = await shell.run(script, options);
      if (exitCode !== 0) throw new Error(`${step}: ${stderr}`);
      return stdout;
    },
  };
  const key = (file: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'x', '-f', join(home, file)]);
    return parsePublicKey(readFileSync(join(home, `${file}.pub`), 'utf8'), file);
  };
  const layout = () => hostLayout(home, 'box');
  const prepare = (buildKey = key('build'), forwardPort?: number) =>
    prepareHost(shell, {
      name: 'box',
      layout: layout(),
      buildKey,
      node: process.execPath,
      tunnel: true,
      sshd: { host: '10.0.0.7', port: 1 },
      forwardPort,
    });
  const authorizedKeys = () => readFileSync(join(home, '.ssh/authorized_keys'), 'utf8');

  it('lets the build key in once, with nothing but what it needs, and leaves other keys alone', async () => {
    mkdirSync(join(home, '.ssh'));
    writeFileSync(join(home, '.ssh/authorized_keys'), 'ssh-ed25519 AAAA of somebody');
    const buildKey = key('build');
    const first = await prepare(buildKey);
    const lines = authorizedKeys().trimEnd().split('\n');
    expect(lines).toEqual([
      'ssh-ed25519 AAAA of somebody',
      `restrict,pty,port-forwarding ssh-ed25519 ${buildKey.blob} build-machines:box`,
    ]);
    // As the host's record gives it: without one, it would be the first that is free just now.
    expect(await prepare(buildKey, first.forwardPort)).toEqual(first);
    expect(authorizedKeys().trimEnd().split('\n')).toEqual(lines);
    expect(first.sshdHost).toBe('10.0.0.7');
    expect(first.forwardPort).toBeGreaterThanOrEqual(18000);
    expect(statSync(layout().tunnelKey).mode & 0o777).toBe(0o600);
    expect(statSync(layout().root).mode & 0o777).toBe(0o700);
    // The supervisor there, whose log is in the folder before it starts, finds that the folder is ours.
    writeFileSync(join(layout().supervisor, 'supervisor.log'), '');
    await ensurePrivateFolder(layout().supervisor);
  });

  it('refuses an account that is the machine of another workstation', async () => {
    await prepare();
    await expect(prepare(key('other'))).rejects.toMatchObject({ code: 'host-taken' });
    expect(authorizedKeys().trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses a folder with contents that we did not make, or a link to one, and changes nothing', async () => {
    mkdirSync(layout().root, { recursive: true });
    writeFileSync(join(layout().root, 'thesis.txt'), 'mine');
    await expect(prepare()).rejects.toMatchObject({ code: 'host-folder-foreign' });
    expect(readdirSync(layout().root)).toEqual(['thesis.txt']);
    renameSync(layout().root, join(home, 'mine'));
    symlinkSync(join(home, 'mine'), layout().root);
    await expect(prepare(key('other'))).rejects.toMatchObject({ code: 'host-folder-foreign' });
    expect(readdirSync(join(home, 'mine'))).toEqual(['thesis.txt']);
  });

  it('puts every file in its place, or none', async () => {
    await prepare();
    const file = (content: string) => ({ path: layout().agentBundle, content, mode: 0o600 });
    const install = (content: string, digest: string) =>
      installFiles(shell, { name: 'box', layout: layout(), files: [file(content)], digest });
    await install('first', 'one');
    expect(await installedDigest(shell, layout())).toBe('one');
    damage = (stdin) => Buffer.from(stdin.toString('latin1').replace('second', 'sEcond'), 'latin1');
    await expect(install('second', 'two')).rejects.toMatchObject({
      code: 'host-upload',
      message: expect.stringContaining('not what was sent'),
    });
    expect(readFileSync(layout().agentBundle, 'utf8')).toBe('first');
    damage = (stdin) => stdin.subarray(0, 100);
    await expect(install('third', 'three')).rejects.toMatchObject({ code: 'host-upload' });
    expect(await installedDigest(shell, layout())).toBe('one');
    expect(readdirSync(layout().root)).not.toContain('arriving');
    damage = (stdin) => stdin;
    await install('fourth', 'four');
    expect(readFileSync(layout().agentBundle, 'utf8')).toBe('fourth');
  });
});
