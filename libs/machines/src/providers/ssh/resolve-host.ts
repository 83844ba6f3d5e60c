import { execa } from 'execa';
import type { SshTarget } from '../../definitions/ssh-target.js';
import { RemoteLoginError } from '../../remote-shell/errors.js';
import { requireProgram } from '../../sshd/find-sshd.js';

/** Where a host really is, by the user's own ssh configuration. */
export interface ResolvedHost {
  /** As machine.yml names it: what ssh is called with, so that its configuration counts. */
  readonly alias: string;
  /** The address behind the alias. */
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** The name of its key in known_hosts, where the configuration gives it one. */
  readonly hostKeyAlias: string | undefined;
  /** What the way there leads through, such as `ProxyJump gate`; undefined where there is nothing between. */
  readonly proxy: string | undefined;
}

/**
 * Asks ssh itself (`ssh -G`) what it makes of a destination; connects to nothing. What the target says comes before what
 * the configuration says.
 * @throws RemoteLoginError when ssh does not take its own configuration.
 */
export async function resolveHost(
  { user, host, port }: SshTarget,
  options: { readonly name: string; readonly path: string; readonly signal: AbortSignal | undefined },
): Promise<ResolvedHost> {
  const ssh = await requireProgram('ssh', options.path, 'openssh-client');
  const given = [...(port === undefined ? [] : ['-p', String(port)]), ...(user === undefined ? [] : ['-l', user])];
  const { stdout, stderr, exitCode } = await execa(ssh, ['-G', ...given, '--', host], {
    stdin: 'ignore',
    cancelSignal: options.signal,
    reject: false,
  });
  options.signal?.throwIfAborted();
  const words = stderr.trim().split('\n').at(-1) ?? '';
  if (exitCode !== 0)
    throw new RemoteLoginError(`machine "${options.name}": ssh does not take its configuration for ${host}: ${words}`, {
      hint: `\`ssh -G ${host}\` says more. Mend ~/.ssh/config, then run the same command again.`,
    });
  const settings = new Map(stdout.split('\n').map((line) => splitOnce(line)));
  const proxies = [
    ['ProxyJump', settings.get('proxyjump')],
    ['ProxyCommand', settings.get('proxycommand')],
  ].filter(([, value]) => value !== undefined && value !== 'none');
  return {
    alias: host,
    hostName: settings.get('hostname') ?? host,
    port: Number(settings.get('port') ?? 22),
    user: settings.get('user') ?? user ?? '',
    hostKeyAlias: settings.get('hostkeyalias'),
    proxy: proxies[0]?.join(' '),
  };
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(' ');
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
