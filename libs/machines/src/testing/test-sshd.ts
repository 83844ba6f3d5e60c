import { join } from 'node:path';
import type { MachineAccess } from '../access/machine-access.js';
import { writePrivate } from '../disk/write-aside.js';
import { ensureBuildKey } from '../keys/build-key.js';
import { ensureKey } from '../keys/ensure-key.js';
import { publicKeyText } from '../keys/public-key.js';
import { randomFreePort } from '../network/free-port.js';
import { readBanner } from '../network/ssh-banner.js';
import { sshdAccount } from '../sshd/account.js';
import { commonSshdOptions, type SshdOption } from '../sshd/config-text.js';
import { requireSshd } from '../sshd/find-sshd.js';
import { prepareSshd } from '../sshd/prepare-sshd.js';
import { workstationAccount } from '../state/account.js';
import type { StateFolder } from '../state/state-folder.js';
import { supervise } from '../supervision/supervise.js';

/**
 * Starts a real sshd in `folder` that lets the build key of `state` in, as a machine named `box`.
 * @param authorizedKeysFile that it reads instead of a file with this key; @param further options of sshd_config.
 */
export async function startTestSshd(
  state: StateFolder,
  folder: string,
  {
    authorizedKeysFile = join(folder, 'keys'),
    further = [],
  }: { authorizedKeysFile?: string; further?: SshdOption[] } = {},
): Promise<{ access: MachineAccess; stop: () => Promise<void> }> {
  const account = workstationAccount();
  const build = await ensureBuildKey(state);
  const host = await ensureKey(join(folder, 'host'), 'host');
  await writePrivate(authorizedKeysFile, `${publicKeyText(build.publicKey)}\n`);
  const port = await randomFreePort();
  const program = await requireSshd(account.path);
  const file = join(folder, 'config');
  await prepareSshd(
    program,
    file,
    [
      ...commonSshdOptions({
        listenAddress: '127.0.0.1',
        port,
        hostKeyFile: host.privateKeyFile,
        authorizedKeysFile,
        user: account.user,
      }),
      ...further,
    ],
    sshdAccount(account.user, account.uid),
  );
  const sshd = await supervise(
    [{ name: 'sshd', command: program, args: ['-D', '-e', '-f', file], env: {}, cwd: '/', endDescendants: true }],
    { folder },
  );
  await readBanner({ host: '127.0.0.1', port, timeoutMs: 20_000 });
  const access: MachineAccess = {
    name: 'box',
    sshHost: '127.0.0.1',
    sshPort: port,
    user: account.user,
    identityFile: build.privateKeyFile,
    hostKey: publicKeyText(host.publicKey),
    agentSocket: '/nowhere',
  };
  return { access, stop: () => sshd.stop() };
}
