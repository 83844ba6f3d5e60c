import { join } from 'node:path';
import { execa } from 'execa';
import { fingerprint, parsePublicKey } from '../../keys/public-key.js';
import { pinHostKey, pinnedHostKey } from '../../injection/pinned-host-key.js';
import { requireProgram } from '../../sshd/find-sshd.js';
import type { StateFolder } from '../../state/state-folder.js';
import { HostKeyNotShownError, HostKeyUnconfirmedError } from './host-errors.js';
import type { ResolvedHost } from './resolve-host.js';
import { shownHostKeys } from './shown-host-keys.js';

export interface HostKeyTrust {
  readonly state: StateFolder;
  readonly name: string;
  readonly host: ResolvedHost;
  /** Fingerprint (`SHA256:…`) that the user says is the host's: replaces whatever is pinned. */
  readonly accept: string | undefined;
  /** Asks a person whether a fingerprint is the host's; undefined where nobody can be asked. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** PATH of this process, and the home folder that holds the user's known_hosts. */
  readonly path: string;
  readonly home: string;
  readonly onProgress: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * The host key to pin, `type base64`; pins it. What is shown at the first contact is never trusted by itself: it must
 * be the one that is pinned already, one that the user gives by fingerprint, one in the user's known_hosts, or one that
 * the user confirms when asked.
 * @throws HostKeyUnconfirmedError, HostKeyNotShownError; RemoteLoginError when no SSH server answers.
 */
export async function trustedHostKey(trust: HostKeyTrust): Promise<string> {
  const { state, name, host, accept, ask, onProgress } = trust;
  const pinned = await pinnedHostKey(state, name);
  if (pinned !== undefined && accept === undefined) return pinned;
  const shown = await shownHostKeys(host, trust);
  const target = `${host.hostName}:${host.port}`;
  const prints = shown.map((key) => ({ key, type: key.split(' ')[0] ?? '', fingerprint: fingerprintOf(key) }));
  if (accept !== undefined) {
    const accepted = prints.find((print) => print.fingerprint === accept);
    if (accepted === undefined)
      throw new HostKeyNotShownError(
        name,
        target,
        accept,
        prints.map((print) => print.fingerprint),
      );
    return pin(accepted.key, 'as you gave it');
  }
  const known = await knownKeys(trust);
  const familiar = prints.find(({ key }) => known.has(key));
  if (familiar !== undefined) return pin(familiar.key, 'which your known_hosts has');
  const [first] = prints;
  if (first === undefined || ask === undefined) throw new HostKeyUnconfirmedError(name, target, prints);
  const question = `${target} shows the host key ${first.type} ${first.fingerprint}. Is it the host's?`;
  if (!(await ask(question))) throw new HostKeyUnconfirmedError(name, target, prints);
  return pin(first.key, 'which you confirmed');

  async function pin(key: string, why: string): Promise<string> {
    await pinHostKey(state, name, key);
    onProgress(`pinned the host key ${fingerprintOf(key)} of ${target}, ${why}`);
    return key;
  }
}

/** Keys of the host in the user's known_hosts, hashed or not; a marker such as @revoked makes none. */
async function knownKeys({ host, path, home, signal }: HostKeyTrust): Promise<Set<string>> {
  const keygen = await requireProgram('ssh-keygen', path, 'openssh-client');
  const { hostName, port, hostKeyAlias } = host;
  const entry = hostKeyAlias ?? (port === 22 ? hostName : `[${hostName}]:${port}`);
  const args = ['-F', entry, '-f', join(home, '.ssh', 'known_hosts')];
  // Ends with status 1 where there is no entry, and no file.
  const { stdout } = await execa(keygen, args, { stdin: 'ignore', cancelSignal: signal, reject: false });
  return new Set(
    stdout
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('@'))
      .map((line) => line.split(' ').slice(1, 3).join(' ')),
  );
}

function fingerprintOf(key: string): string {
  return fingerprint(parsePublicKey(key, 'the host'));
}
