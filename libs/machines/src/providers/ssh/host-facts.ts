import type { RemoteShell } from '../../remote-shell/remote-shell.js';
import { HostAnswerError } from './host-errors.js';
import { z } from 'zod';

/** Who keeps agent and tunnel running: systemd for all, systemd for the account, or our own supervisor. */
export const HostInit = z.enum(['system', 'user', 'supervisor']);
export type HostInit = z.infer<typeof HostInit>;

/** What a host is, as far as installing concerns. */
export interface HostFacts {
  readonly home: string;
  readonly user: string;
  readonly path: string;
  /** Absolute path of node, and its version (`v18.19.0`); null where there is none. */
  readonly node: { readonly path: string; readonly version: string } | null;
  readonly autossh: string | null;
  readonly ssh: string | null;
  readonly aptGet: boolean;
  /** Whether systemd is process 1, and whether the account's own systemd can be spoken to. */
  readonly systemd: boolean;
  readonly userSystemd: boolean;
  /** Whether the account's services run while nobody is logged in (`loginctl enable-linger`). */
  readonly linger: boolean;
  /** Null: `sudo -n` works. Else why it does not. */
  readonly sudoRefusal: string | null;
  /** Address and port at which sshd accepted this session. */
  readonly sshd: { readonly host: string; readonly port: number };
}

/**
 * Prints one `key=value` a line. Programs are also looked for where a login shell would find them but a command over SSH
 * does not.
 */
const PROBE = `
PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:$HOME/.local/bin"
export PATH
find_program() { command -v "$1" 2>/dev/null || :; }
echo 'begin=build-machines'
echo "home=$HOME"
echo "user=$(id -un)"
echo "path=$PATH"
node=$(find_program node)
echo "node=$node"
[ -z "$node" ] || echo "nodeVersion=$("$node" --version 2>/dev/null || :)"
echo "autossh=$(find_program autossh)"
echo "ssh=$(find_program ssh)"
echo "aptGet=$(find_program apt-get)"
[ ! -d /run/systemd/system ] || echo systemd=yes
XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"
export XDG_RUNTIME_DIR
if [ -d /run/systemd/system ] && systemctl --user show-environment >/dev/null 2>&1; then echo userSystemd=yes; fi
[ ! -e "/var/lib/systemd/linger/$(id -un)" ] || echo linger=yes
if [ "$(id -u)" = 0 ]; then echo sudo=root
elif [ -z "$(find_program sudo)" ]; then echo 'sudoRefusal=sudo is not installed'
elif words=$(sudo -n true 2>&1); then echo sudo=yes
else echo "sudoRefusal=$(printf '%s' "$words" | tail -n 1)"; fi
echo "connection=\${SSH_CONNECTION-}"
echo 'end=build-machines'
`;

/**
 * Asks a host what it is.
 * @throws RemoteLoginError, RemoteCommandError, HostAnswerError
 */
export async function hostFacts(shell: RemoteShell, signal?: AbortSignal): Promise<HostFacts> {
  return readFacts(await shell.succeed('Looking at the host', PROBE, { signal }));
}

/** Reads what the probe printed. Lines before its first are those of a shell that greets even those who do not look. */
export function readFacts(output: string): HostFacts {
  const lines = output.split('\n');
  const ours = lines.slice(lines.indexOf('begin=build-machines') + 1, lines.lastIndexOf('end=build-machines'));
  const values = new Map(ours.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const value = (key: string): string | null => {
    const found = values.get(key);
    return found === undefined || found === '' ? null : found;
  };
  const [, , host, port] = (value('connection') ?? '').split(' ');
  const [home, user, node, version] = [value('home'), value('user'), value('node'), value('nodeVersion')];
  if (home === null || user === null || !home.startsWith('/') || host === undefined || !Number.isInteger(Number(port)))
    throw new HostAnswerError(`the host's shell answered in a way that we do not understand: ${output.slice(0, 200)}`, {
      hint: "Does the account's shell print anything by itself, or is it no POSIX shell? Its start files must be silent when nobody looks.",
    });
  return {
    home,
    user,
    path: value('path') ?? '/usr/bin:/bin',
    node: node === null || version === null ? null : { path: node, version },
    autossh: value('autossh'),
    ssh: value('ssh'),
    aptGet: value('aptGet') !== null,
    systemd: value('systemd') !== null,
    userSystemd: value('userSystemd') !== null,
    linger: value('linger') !== null,
    sudoRefusal: value('sudoRefusal'),
    sshd: { host, port: Number(port) },
  };
}
