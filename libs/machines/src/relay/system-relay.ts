import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import { Client } from 'ssh2';
import { ensureKey } from '../keys/ensure-key.js';
import { publicKeyText } from '../keys/public-key.js';
import type { WorkstationAccount } from '../state/account.js';
import { authorizeSystemTunnel } from './authorize.js';
import { rewriteKeys } from './rewrite-keys.js';
import { tunnelLine, type TunnelGrant, withoutTunnelLine, withTunnelLine } from './tunnel-line.js';

/** This workstation's own sshd would let a tunnel key listen on Unix sockets. */
export class RelaySocketsOpenError extends BuildMachinesError {
  readonly code = 'relay-sockets-open';
  constructor(user: string) {
    super(
      "this workstation's own sshd would let a machine put Unix sockets into your folders, and so stand in for your ssh-agent or the bridge. No line of authorized_keys can forbid that",
      {
        hint: `Forbid it in /etc/ssh/sshd_config, before other Match blocks: "Match User ${user}" and, below, "AllowStreamLocalForwarding local"; then sudo systemctl reload ssh. Or set relay.kind to embedded in machine.yml.`,
      },
    );
  }
}

/** It could not be found out what this workstation's own sshd lets a tunnel key do. */
export class RelayUncheckedError extends BuildMachinesError {
  readonly code = 'relay-unchecked';
  constructor(reason: string, cause: unknown) {
    super(`what this workstation's own sshd lets a tunnel key do could not be found out: ${reason}`, {
      hint: 'It must run, and let in public keys of ~/.ssh/authorized_keys: ssh localhost true. Or set relay.kind to embedded in machine.yml.',
      cause,
    });
  }
}

/** Where this workstation's own sshd answers. */
export interface SystemRelay {
  /** Tried in turn: it may not listen on the loopback interface. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Its host key, `ssh-ed25519 AAAA…`; no other server is believed. */
  readonly hostKey: string;
}

/**
 * Where to look for this workstation's own sshd, which a machine finds at `host` and `port`: that may be an address of a
 * router before it, or sshd may listen there only.
 */
export function systemRelayAddresses(host: string, port: number): SystemRelay['addresses'] {
  const places = [
    { host: '127.0.0.1', port },
    { host, port },
    { host: '127.0.0.1', port: SSH_PORT },
  ];
  return places.filter((place, at) => places.findIndex((other) => isSame(other, place)) === at);
}

function isSame(a: SystemRelay['addresses'][number], b: SystemRelay['addresses'][number]): boolean {
  return a.host === b.host && a.port === b.port;
}

/** Longest path of a Unix socket, in bytes, on all systems (macOS has the shortest: 104 with the NUL). */
const SOCKET_PATH_MAX = 103;

/** The port of a workstation's own sshd. */
const SSH_PORT = 22;

/** How long sshd may take to let the check in, in milliseconds. */
const LOGIN_MS = 10_000;

/**
 * Lets a machine's key hold its tunnel at this workstation's own sshd, once that is known to keep the key to it.
 * @throws RelaySocketsOpenError, RelayUncheckedError; TunnelPortTakenError
 */
export async function authorizeAtSystemRelay(
  relay: SystemRelay,
  account: Pick<WorkstationAccount, 'home' | 'user'>,
  grant: TunnelGrant,
): Promise<void> {
  await refuseOpenSockets(relay, account);
  await authorizeSystemTunnel(account.home, grant);
}

/**
 * `permitlisten` of authorized_keys(5) is about ports. Whoever may forward a port may also listen on a Unix socket, at any
 * path where there is no file, unless sshd's own configuration says otherwise. What it says for this account is tried with
 * a key that is good for the moment.
 */
async function refuseOpenSockets(
  relay: SystemRelay,
  { home, user }: Pick<WorkstationAccount, 'home' | 'user'>,
): Promise<void> {
  const machine = `relay-check-${randomBytes(6).toString('hex')}`;
  const ssh = join(home, '.ssh');
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  const folder = await makeTemporaryFolder(
    Buffer.byteLength(ssh) + 20 > SOCKET_PATH_MAX ? join(tmpdir(), 'bm-') : join(ssh, '.bm-'),
  );
  const file = join(ssh, 'authorized_keys');
  try {
    const { publicKey, privateKeyFile } = await ensureKey(join(folder, 'key'), machine);
    const line = tunnelLine({ machine, publicKey, port: 1, hubPort: 1 });
    await rewriteKeys(file, (text) => withTunnelLine(text, machine, line));
    const login = { user, privateKey: await readFile(privateKeyFile) };
    if (await letsListen(relay, login, join(folder, 's'))) throw new RelaySocketsOpenError(user);
  } finally {
    await rewriteKeys(file, (text) => withoutTunnelLine(text, machine));
    await removeTemporaryFolder(folder);
  }
}

/** Whether sshd lets a key listen on a Unix socket. */
async function letsListen(
  { addresses, hostKey }: SystemRelay,
  login: { readonly user: string; readonly privateKey: Buffer },
  socket: string,
): Promise<boolean> {
  let failure: unknown = new Error('it has no address');
  for (const address of addresses) {
    const client = new Client();
    try {
      await connect(client, address, hostKey, login);
      return await new Promise<boolean>((resolve, reject) => {
        client.once('close', () => {
          reject(new Error('it closed the connection'));
        });
        client.openssh_forwardInStreamLocal(socket, (refusal) => {
          resolve(refusal === undefined);
        });
      });
    } catch (error) {
      failure = error;
    } finally {
      client.destroy();
    }
  }
  throw new RelayUncheckedError(failure instanceof Error ? failure.message : String(failure), failure);
}

function connect(
  client: Client,
  address: SystemRelay['addresses'][number],
  hostKey: string,
  { user, privateKey }: { readonly user: string; readonly privateKey: Buffer },
): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays for late errors, which would end the process.
    client.on('error', reject).once('ready', resolve);
    client.connect({
      ...address,
      username: user,
      privateKey,
      authHandler: ['publickey'],
      algorithms: { serverHostKey: ['ssh-ed25519'] },
      hostVerifier: (shown: Buffer) =>
        publicKeyText({ type: 'ssh-ed25519', blob: shown.toString('base64') }) === hostKey,
      readyTimeout: LOGIN_MS,
      strictVendor: false,
    });
  });
}
