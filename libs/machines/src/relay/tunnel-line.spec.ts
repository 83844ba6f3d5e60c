import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePublicKey } from '../keys/public-key.js';
import { authorizeSystemTunnel, revokeSystemTunnel } from './authorize.js';
import { tunnelLine, tunnelLines, withTunnelLine, withoutTunnelLine } from './tunnel-line.js';

const publicKey = parsePublicKey(
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1aWxkLW1hY2hpbmVzLXRlc3Qta2V5LW5vdC1yZWFsISE= me',
  'test',
);
const grant = { machine: 'box', publicKey, port: 12221, hubPort: 8000 };

describe('the authorized_keys line of a tunnel', () => {
  it('permits one port to listen on and one to connect to, with the host written', () => {
    expect(tunnelLine(grant)).toBe(
      'restrict,port-forwarding,permitlisten="localhost:12221",permitopen="localhost:8000",command="exit 1" ' +
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1aWxkLW1hY2hpbmVzLXRlc3Qta2V5LW5vdC1yZWFsISE= build-machines:box',
    );
  });

  it('lets the hub be elsewhere, but not smuggle in options', () => {
    expect(tunnelLine({ ...grant, hubHost: 'fd00::7' })).toContain('permitopen="[fd00::7]:8000"');
    expect(() => tunnelLine({ ...grant, hubHost: 'a",pty' })).toThrow(RangeError);
    expect(() => tunnelLine({ ...grant, machine: 'a\nssh-ed25519 x' })).toThrow();
  });

  it('comes and goes between other lines that stay as they are', () => {
    const others = '# mine\r\nssh-rsa AAAA old key build-machines:box\n\nssh-ed25519 AAAB no break at the end';
    const line = tunnelLine(grant);
    const added = withTunnelLine(others, 'box', line);
    expect(added).toBe(`${others}\n${line}\n`);
    expect(withTunnelLine(added, 'box', line)).toBe(added);
    const changed = withTunnelLine(`${line}\n${others}`, 'box', tunnelLine({ ...grant, port: 12222 }));
    expect(changed.endsWith(others)).toBe(true);
    expect(tunnelLines(changed)).toEqual([{ machine: 'box', port: 12222 }]);
    expect(withoutTunnelLine(added, 'box')).toBe(`${others}\n`);
    expect(withoutTunnelLine(added, 'other')).toBe(added);
  });
});

describe("the system relay's authorized_keys", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ak-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('gets our line and loses it again', async () => {
    await authorizeSystemTunnel(home, grant);
    const file = join(home, '.ssh', 'authorized_keys');
    expect(tunnelLines(await readFile(file, 'utf8'))).toEqual([{ machine: 'box', port: 12221 }]);
    await revokeSystemTunnel(home, 'box');
    expect(await readFile(file, 'utf8')).toBe('');
  });

  it('stays a link where it is one', async () => {
    await mkdir(join(home, '.ssh'));
    await writeFile(join(home, 'dotfile'), '# mine\n');
    await symlink('../dotfile', join(home, '.ssh', 'authorized_keys'));
    await authorizeSystemTunnel(home, grant);
    expect(await readFile(join(home, 'dotfile'), 'utf8')).toMatch(/^# mine\nrestrict/);
  });

  it('keeps all lines when machines are authorised at the same time', async () => {
    await Promise.all(
      [1, 2, 3, 4, 5].map((n) => authorizeSystemTunnel(home, { ...grant, machine: `box-${n}`, port: 12220 + n })),
    );
    expect(tunnelLines(await readFile(join(home, '.ssh', 'authorized_keys'), 'utf8'))).toHaveLength(5);
  });
});
