import { BuildMachinesError } from '@build-machines/protocol';

/** A path cannot be written into the configuration of OpenSSH without changing its meaning. */
export class UnsafePathError extends BuildMachinesError {
  readonly code = 'path-unsafe';
}

/**
 * A path as an argument in sshd_config or ssh_config: quoted, so that it may hold spaces. OpenSSH expands `%` and `$` in
 * some keywords and gives `"` and `\` meanings that differ between versions, so those are refused.
 * @throws UnsafePathError
 */
export function quotePath(path: string): string {
  if (/["\\%$\p{Cc}]/u.test(path) || !path.startsWith('/'))
    throw new UnsafePathError(`the path ${JSON.stringify(path)} cannot be used in an SSH configuration`, {
      hint: 'Set BUILD_MACHINES_HOME to an absolute path without quotes, backslashes, % and $.',
    });
  return `"${path}"`;
}

/** One `keyword value` pair of sshd_config. */
export type SshdOption = readonly [keyword: string, value: string];

/**
 * What every sshd of ours has in common: it serves one account, by public keys from one file only, as whoever started
 * it. Newer keywords than OpenSSH 8.9 are in {@link RECENT_OPTIONS}.
 */
export function commonSshdOptions(options: {
  readonly listenAddress: string;
  readonly port: number;
  readonly hostKeyFile: string;
  readonly authorizedKeysFile: string;
  readonly user: string;
}): SshdOption[] {
  const address = options.listenAddress.includes(':') ? `[${options.listenAddress}]` : options.listenAddress;
  return [
    ['ListenAddress', `${address}:${options.port}`],
    ['HostKey', quotePath(options.hostKeyFile)],
    ['AuthorizedKeysFile', quotePath(options.authorizedKeysFile)],
    ['PidFile', 'none'],
    ['AllowUsers', options.user],
    ['AuthenticationMethods', 'publickey'],
    ['PubkeyAuthentication', 'yes'],
    ['PasswordAuthentication', 'no'],
    ['KbdInteractiveAuthentication', 'no'],
    ['HostbasedAuthentication', 'no'],
    ['AuthorizedKeysCommand', 'none'],
    ['AuthorizedPrincipalsFile', 'none'],
    ['TrustedUserCAKeys', 'none'],
    ['PermitRootLogin', 'prohibit-password'],
    // The files lie in a folder that we keep closed to others (0700); sshd's own check also wants every parent of it to
    // be root's or ours and not writable by others, which /tmp is not.
    ['StrictModes', 'no'],
    ['PermitUserEnvironment', 'no'],
    ['PermitUserRC', 'no'],
    ['X11Forwarding', 'no'],
    ['AllowAgentForwarding', 'no'],
    ['PermitTunnel', 'no'],
    ['GatewayPorts', 'no'],
    ['UseDNS', 'no'],
    ['LoginGraceTime', '30'],
    ['TCPKeepAlive', 'yes'],
    // A peer that vanished is noticed after 45 s, and the ports that its tunnel held are free again.
    ['ClientAliveInterval', '15'],
    ['ClientAliveCountMax', '3'],
    ['LogLevel', 'VERBOSE'],
  ];
}

/**
 * Options that not every supported OpenSSH (8.9 to 10) knows; each is used where `sshd -t` accepts it. Penalties (9.8)
 * are off because all machines behind one router have one address, and a probe of the port would lock them out.
 */
export const RECENT_OPTIONS: readonly SshdOption[] = [['PerSourcePenalties', 'no']];

/** The text of a configuration. */
export function sshdConfigText(options: readonly SshdOption[]): string {
  return [
    '# Written by build-machines; changes are lost.',
    ...options.map(([keyword, value]) => `${keyword} ${value}`),
    '',
  ].join('\n');
}
