import { readFile } from 'node:fs/promises';
import type { MachineAccess } from '@build-machines/machines';
import { Client, utils } from 'ssh2';
import { classifyConnectFailure } from './classify-ssh-error.js';
import { BuildKeyUnusableError, SshProtocolError } from './connection-errors.js';
import { fingerprint, hostKeyAlgorithms, isPinnedKey, parseHostKey, type PinnedHostKey } from './host-key.js';

/** Time until SSH must be ready, in milliseconds: TCP, handshake and authentication together. */
export const CONNECT_TIMEOUT = 10_000;

/** A dead link is noticed after interval × count, in milliseconds: 15 s. */
const KEEPALIVE = { interval: 5_000, count: 3 };

/**
 * Opens an authenticated SSH connection to a machine. The host key must equal the pinned one; it is never asked for and
 * never learned. Only the build key is tried, so that a user's agent or password cannot be offered to a stranger.
 * @throws one of the classes in connection-errors.ts; the signal's reason when it is aborted.
 */
export async function openSshClient(access: MachineAccess, signal?: AbortSignal): Promise<Client> {
  const pinned = readPinnedKey(access);
  const privateKey = await readBuildKey(access);
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const client = new Client();
    let refused: string | undefined;
    const aborted = () => {
      settle(() => {
        reject(signal?.reason as Error);
      });
      client.destroy();
    };
    const settle = (done: () => void) => {
      signal?.removeEventListener('abort', aborted);
      done();
    };
    signal?.addEventListener('abort', aborted, { once: true });
    // This listener stays for the life of the client: ssh2 reports late errors too, and one without a listener would end the process.
    client.on('error', (error) => {
      settle(() => {
        const shown = { refused, pinned: fingerprint(pinned.blob), pinnedType: pinned.type };
        reject(classifyConnectFailure(error, access, shown, CONNECT_TIMEOUT));
      });
      client.destroy();
    });
    client.once('ready', () => {
      settle(() => {
        client.setNoDelay(true);
        resolve(client);
      });
    });
    client.once('close', () => {
      settle(() => {
        reject(
          classifyConnectFailure(
            new Error('connection lost before handshake'),
            access,
            { pinned: '', pinnedType: '' },
            CONNECT_TIMEOUT,
          ),
        );
      });
    });
    client.connect({
      host: access.sshHost,
      port: access.sshPort,
      username: access.user,
      privateKey,
      authHandler: ['publickey'],
      algorithms: { serverHostKey: hostKeyAlgorithms(pinned.type) as never },
      hostVerifier: (presented: Buffer) => {
        const same = isPinnedKey(pinned, presented);
        if (!same) refused = fingerprint(presented);
        return same;
      },
      readyTimeout: CONNECT_TIMEOUT,
      keepaliveInterval: KEEPALIVE.interval,
      keepaliveCountMax: KEEPALIVE.count,
    });
  });
}

function readPinnedKey(access: MachineAccess): PinnedHostKey {
  try {
    return parseHostKey(access.hostKey);
  } catch (error) {
    throw new SshProtocolError(access, 'its access record holds no usable host key, bring the machine up again', error);
  }
}

async function readBuildKey(access: MachineAccess): Promise<Buffer> {
  let text: Buffer;
  try {
    text = await readFile(access.identityFile);
  } catch (error) {
    throw new BuildKeyUnusableError(access, access.identityFile, (error as NodeJS.ErrnoException).code ?? 'unreadable');
  }
  const parsed = utils.parseKey(text);
  if (parsed instanceof Error) throw new BuildKeyUnusableError(access, access.identityFile, parsed.message);
  return text;
}
