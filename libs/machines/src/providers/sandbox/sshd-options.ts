import { commonSshdOptions, quotePath, type SshdOption } from '../../sshd/config-text.js';
import type { SandboxLayout } from './layout.js';
import { shellWord } from '../../remote-shell/shell-word.js';

/** The sandbox's own sshd: sessions for the build key, and the way to the agent's socket. */
export function sandboxSshdOptions(options: {
  readonly layout: SandboxLayout;
  readonly port: number;
  readonly user: string;
  /** Path of OpenSSH's sftp-server, which scp and VS Code need; undefined where it is not installed. */
  readonly sftpServer: string | undefined;
}): SshdOption[] {
  const { layout, port, user, sftpServer } = options;
  quotePath(layout.loginScript);
  return [
    ...commonSshdOptions({
      listenAddress: '127.0.0.1',
      port,
      user,
      hostKeyFile: layout.hostKey,
      authorizedKeysFile: layout.authorizedKeys,
    }),
    // Out of the machine, to where a client may connect through it: the agent's socket, and ports for an editor's server.
    ['AllowStreamLocalForwarding', 'local'],
    ['AllowTcpForwarding', 'local'],
    ['ForceCommand', shellWord(layout.loginScript)],
    ...(sftpServer === undefined ? [] : [['Subsystem', `sftp ${quotePath(sftpServer)}`] as const]),
    ['PrintMotd', 'no'],
    ['PrintLastLog', 'no'],
    // One warm connection carries the sessions of all runs.
    ['MaxSessions', '100'],
    ['MaxStartups', '100:30:200'],
  ];
}
