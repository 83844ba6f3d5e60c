import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineAccess } from '../access/machine-access.js';
import { ensureKey } from '../keys/ensure-key.js';
import { publicKeyText } from '../keys/public-key.js';
import { stateFolder } from '../state/state-folder.js';
import { startTestSshd } from '../testing/test-sshd.js';
import { loginWithKey, offeredHostKey } from './ssh-probes.js';

describe('probing the SSH of a machine', () => {
  let folder: string;
  let access: MachineAccess;
  let stop: () => Promise<void>;
  const { signal } = new AbortController();
  const path = process.env['PATH'] ?? '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'prb '));
    const state = stateFolder({ BUILD_MACHINES_HOME: join(folder, 's') });
    ({ access, stop } = await startTestSshd(state, join(folder, 'sshd')));
  });
  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('sees the host key that the machine shows', async () => {
    expect(await offeredHostKey(access, path, signal)).toBe(access.hostKey);
  });

  it('says when nothing is shown', async () => {
    await expect(offeredHostKey({ ...access, sshPort: 1 }, path, signal)).rejects.toThrow('no ssh-ed25519 host key');
  });

  it('logs in with the build key', async () => {
    expect(await loginWithKey(access, path, signal)).toBe(`as ${access.user}`);
  });

  it('logs in neither with another key nor to another host key', async () => {
    const other = await ensureKey(join(folder, 'keys', 'other'), 'other');
    await expect(loginWithKey({ ...access, identityFile: other.privateKeyFile }, path, signal)).rejects.toThrow(
      'Permission denied (publickey)',
    );
    await expect(loginWithKey({ ...access, hostKey: publicKeyText(other.publicKey) }, path, signal)).rejects.toThrow(
      'Host key verification failed',
    );
  });
});
