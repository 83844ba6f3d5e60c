import { makeTemporaryFolder } from '@build-machines/owned-files';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePublicKey, publicKeyText } from '../keys/public-key.js';
import type { SshdOption } from '../sshd/config-text.js';
import { workstationAccount } from '../state/account.js';
import { stateFolder } from '../state/state-folder.js';
import { startTestSshd } from '../testing/test-sshd.js';
import { authorizeAtSystemRelay, type SystemRelay } from './system-relay.js';
import { tunnelLines } from './tunnel-line.js';

const publicKey = parsePublicKey(
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1aWxkLW1hY2hpbmVzLXRlc3Qta2V5LW5vdC1yZWFsISE= me',
  'test',
);
const grant = { machine: 'box', publicKey, port: 12221, hubPort: 8000 };

describe("this workstation's own sshd as relay", () => {
  const { user } = workstationAccount();
  let home: string;
  let ssh: string;
  let stop: (() => Promise<void>) | undefined;

  const start = async (...further: SshdOption[]): Promise<SystemRelay> => {
    const authorizedKeysFile = join(ssh, 'authorized_keys');
    const state = stateFolder({ BUILD_MACHINES_HOME: join(home, 'state') });
    const sshd = await startTestSshd(state, join(home, 'sshd'), { authorizedKeysFile, further });
    stop = sshd.stop;
    const { sshPort, hostKey } = sshd.access;
    const free = { host: '127.0.0.1', port: 1 };
    return { addresses: [free, { host: '127.0.0.1', port: sshPort }], hostKey };
  };
  const keys = (): Promise<string> => readFile(join(ssh, 'authorized_keys'), 'utf8');

  beforeEach(async () => {
    home = await makeTemporaryFolder(join(tmpdir(), 'sr-'));
    ssh = join(home, '.ssh');
    await mkdir(ssh, { mode: 0o700 });
    await mkdir(join(home, 'sshd'));
  });
  afterEach(async () => {
    await stop?.();
    stop = undefined;
    await rm(home, { recursive: true, force: true });
  });

  it('is refused while it would let a machine listen on Unix sockets, and nothing is left of the check', async () => {
    const relay = await start();
    const before = await keys();
    await expect(authorizeAtSystemRelay(relay, { home, user }, grant)).rejects.toMatchObject({
      code: 'relay-sockets-open',
    });
    expect(await keys()).toBe(before);
    expect(await readdir(ssh)).toEqual(['authorized_keys']);
  });

  it.each(['no', 'local'])('is used with AllowStreamLocalForwarding %s', async (value) => {
    const relay = await start(['AllowStreamLocalForwarding', value]);
    await authorizeAtSystemRelay(relay, { home, user }, grant);
    expect(tunnelLines(await keys())).toEqual([{ machine: 'box', port: 12221 }]);
  });

  it('is refused where it cannot be asked, or another server answers', async () => {
    const { addresses } = await start(['AllowStreamLocalForwarding', 'no']);
    const before = await keys();
    const other = { addresses, hostKey: publicKeyText(publicKey) };
    const absent = { addresses: addresses.slice(0, 1), hostKey: other.hostKey };
    for (const relay of [other, absent])
      await expect(authorizeAtSystemRelay(relay, { home, user }, grant)).rejects.toMatchObject({
        code: 'relay-unchecked',
      });
    expect(await keys()).toBe(before);
  });
});
