import { MARKER_NAME, treeMarkerText } from '@build-machines/owned-files';
import { HUB_FORWARD_PORT } from '@build-machines/protocol';
import { posix } from 'node:path';
import { parsePublicKey, publicKeyText, type PublicKey } from '../../keys/public-key.js';
import type { RemoteShell } from '../../remote-shell/remote-shell.js';
import { shellWord } from '../../remote-shell/shell-word.js';
import { HostAnswerError, HostFolderForeignError, HostTakenError } from './host-errors.js';
import type { HostLayout } from './host-layout.js';

/** Exit status by which the script says that the folder is another workstation's. */
const TAKEN = 75;

/** Exit status by which the script says that the folder holds something, and nothing of ours. */
const FOREIGN = 74;

/** What was made ready on the host. */
export interface PreparedHost {
  /** Public half of the machine's tunnel key; the private one never leaves the host. */
  readonly tunnelKey: PublicKey | null;
  /** Port of the way to the hub: the one it had, else 18000 or the next that is free. */
  readonly forwardPort: number;
  /** Where the machine's end of the reverse tunnel leads: the loopback interface where sshd listens there. */
  readonly sshdHost: string;
}

/** Marks our line in the account's authorized_keys. */
export function authorizedKeysMark(name: string): string {
  return `build-machines:${name}`;
}

/**
 * Makes the machine's folder, lets the build key in, and makes the tunnel key. Doing it again changes nothing.
 * @throws HostTakenError, HostFolderForeignError; RemoteLoginError, RemoteCommandError.
 */
export async function prepareHost(
  shell: RemoteShell,
  options: {
    readonly name: string;
    readonly layout: HostLayout;
    readonly buildKey: PublicKey;
    readonly node: string;
    readonly tunnel: boolean;
    /** Where sshd accepted the session. */
    readonly sshd: { readonly host: string; readonly port: number };
    readonly forwardPort: number | undefined;
    readonly signal?: AbortSignal;
  },
): Promise<PreparedHost> {
  const { name, layout, buildKey, tunnel, signal } = options;
  const mark = authorizedKeysMark(name);
  const line = `restrict,pty,port-forwarding ${publicKeyText(buildKey)} ${mark}`;
  const script = `
set -eu
umask 077
owner=$(cat)
root=${shellWord(layout.root)}
if [ -L "$root" ]; then exit ${FOREIGN}; fi
if [ -e "$root" ] && [ ! -s ${shellWord(layout.owner)} ] && [ -n "$(ls -A "$root")" ]; then exit ${FOREIGN}; fi
mkdir -p "$root" "$HOME/.ssh"
chmod 700 "$root"
if [ -s ${shellWord(layout.owner)} ] && [ "$(cat ${shellWord(layout.owner)})" != "$owner" ]; then exit ${TAKEN}; fi
printf '%s\\n' "$owner" >${shellWord(layout.owner)}
# What runs there, agent and supervisor, looks for the same marker as on a workstation.
printf '%s' ${shellWord(treeMarkerText(`machine ${name}`))} >${shellWord(posix.join(layout.root, MARKER_NAME))}
mkdir -p ${shellWord(layout.agentState)} ${shellWord(layout.supervisor)}
keys="$HOME/.ssh/authorized_keys"
[ -e "$keys" ] || : >"$keys"
if ! grep -qxF -e ${shellWord(line)} "$keys"; then
  { grep -v -e ${shellWord(` ${mark}$`)} "$keys" || :; printf '%s\\n' ${shellWord(line)}; } >"$keys.build-machines"
  if [ -L "$keys" ]; then cat "$keys.build-machines" >"$keys"; rm -f "$keys.build-machines"
  else mv -f "$keys.build-machines" "$keys"; fi
fi
${tunnel ? tunnelScript(options) : ''}`;
  const { exitCode, stdout, stderr } = await shell.run(script, { stdin: publicKeyText(buildKey), signal });
  if (exitCode === FOREIGN) throw new HostFolderForeignError(name, layout.root);
  if (exitCode === TAKEN) throw new HostTakenError(name, layout.root);
  if (exitCode !== 0)
    throw new HostAnswerError(`machine "${name}": its account could not be prepared: ${stderr.trim()}`, {
      hint: 'Is the disk full, or the home folder not writable?',
    });
  if (!tunnel) return { tunnelKey: null, forwardPort: HUB_FORWARD_PORT, sshdHost: options.sshd.host };
  const [sshdHost = '', port = '', key = ''] = stdout.trim().split('\n').slice(-3);
  return { tunnelKey: parsePublicKey(key, `the tunnel key of ${name}`), forwardPort: Number(port), sshdHost };
}

/** Makes the tunnel key; prints the host of sshd, a port, and the key's public half, a line each. */
function tunnelScript({ layout, name, node, sshd, forwardPort }: Parameters<typeof prepareHost>[1]): string {
  const key = shellWord(layout.tunnelKey);
  const port =
    forwardPort === undefined
      ? `${shellWord(node)} -e ${shellWord(FIRST_FREE_PORT)} ${HUB_FORWARD_PORT}`
      : `echo ${Math.trunc(forwardPort)}`;
  return `
[ -s ${key} ] || ssh-keygen -q -t ed25519 -N '' -C ${shellWord(`tunnel of ${name}`)} -f ${key}
[ -s ${key}.pub ] || ssh-keygen -y -P '' -f ${key} >${key}.pub
${shellWord(node)} -e ${shellWord(LOOPBACK_OR)} ${Math.trunc(sshd.port)} ${shellWord(sshd.host)}
${port}
cat ${key}.pub
`;
}

/** A program for node: prints the loopback address when something listens there on the given port, else the second argument. */
const LOOPBACK_OR = `
const [, port, other] = process.argv;
const socket = require('node:net').connect(Number(port), '127.0.0.1');
const say = (host) => { console.log(host); process.exit(0); };
socket.once('connect', () => say('127.0.0.1'));
socket.once('error', () => say(other));
`;

/** A program for node: prints the first port, from its argument on, that nobody holds on the loopback interface. */
const FIRST_FREE_PORT = `
const { createServer } = require('node:net');
const look = (port) => {
  const server = createServer();
  server.once('error', () => look(port + 1));
  server.listen(port, '127.0.0.1', () => server.close(() => console.log(port)));
};
look(Number(process.argv[1]));
`;
