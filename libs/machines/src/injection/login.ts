import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientChannel } from 'ssh2';
import { hasErrorCode } from '../disk/missing.js';
import { HostKeyChangedError, InjectionConnectError, InjectionLoginError, InjectionStepError } from './errors.js';

/** Account of machines that comes with the image. */
export const MACHINE_ACCOUNT = 'builder';

/** How long a connection and its login may take, in milliseconds; a machine under emulation is slow at key exchange. */
const LOGIN_MS = 60_000;

/**
 * How long a machine may take to answer at all, in milliseconds: it may just boot, and its sshd reloads when the password
 * is retired.
 */
const ANSWER_MS = 60_000;

/** Wait between two attempts to reach it, in milliseconds. */
const RETRY_MS = 1_000;

/** One way to log in. */
export type Credential =
  { readonly kind: 'key'; readonly identityFile: string } | { readonly kind: 'password'; readonly password: string };

export interface LoginOptions {
  readonly machine: string;
  readonly address: { readonly host: string; readonly port: number };
  /** The host key that must be shown, and where we have it from; undefined: whatever is shown is taken and reported. */
  readonly hostKey: { readonly key: string; readonly origin: string } | undefined;
  readonly signal?: AbortSignal;
}

/** A connection to a machine as its account. */
export interface Login {
  /** The host key that was shown. */
  readonly hostKey: string;
  readonly by: Credential['kind'];
  /**
   * Runs one verb of build-machine-configure as root. `stdin` is all that it is told; nothing else reaches its command line.
   * @throws InjectionStepError
   */
  configure(verb: ConfigureVerb, stdin?: string): Promise<string>;
  close(): void;
}

/** Verbs of packer/scripts/files/build-machine-configure. */
export type ConfigureVerb =
  | 'check'
  | 'authorize'
  | 'settings'
  | 'agent-config'
  | 'agent'
  | 'hub-token'
  | 'relay-host-keys'
  | 'tunnel-key'
  | 'tunnel-key-next'
  | 'tunnel-key-adopt'
  | 'retire-password'
  | 'start';

/**
 * Logs in with the first credential that the machine accepts, a connection for each.
 * @throws InjectionConnectError, InjectionLoginError, HostKeyChangedError
 */
export async function login(credentials: readonly Credential[], options: LoginOptions): Promise<Login> {
  for (const credential of credentials) {
    const session = await tryLogin(credential, options);
    if (session) return session;
  }
  const tried = credentials.map(({ kind }) => kind).join(' and ') || 'nothing';
  throw new InjectionLoginError(`${options.machine} accepts no login as ${MACHINE_ACCOUNT} (tried: ${tried})`, {
    hint: 'The temporary password is in the file beside the image, <image>.password; once keys are in, only they work.',
  });
}

/**
 * Logs in with one credential; a machine that does not answer yet is tried again for a while, a refusal is final.
 * @returns undefined when the machine refuses it.
 * @throws InjectionConnectError, HostKeyChangedError
 */
export async function tryLogin(credential: Credential, options: LoginOptions): Promise<Login | undefined> {
  for (const deadline = performance.now() + ANSWER_MS; ;) {
    try {
      return await attemptLogin(credential, options);
    } catch (error) {
      if (!(error instanceof InjectionConnectError) || performance.now() > deadline) throw error;
      await sleep(RETRY_MS, undefined, { signal: options.signal });
    }
  }
}

async function attemptLogin(credential: Credential, options: LoginOptions): Promise<Login | undefined> {
  const { machine, address, hostKey: expected, signal } = options;
  const secret =
    credential.kind === 'key'
      ? { privateKey: await readFile(credential.identityFile) }
      : { password: credential.password };
  signal?.throwIfAborted();
  const client = new Client();
  const abort = (): void => {
    client.destroy();
  };
  signal?.addEventListener('abort', abort, { once: true });
  let shown = '';
  // ssh2 tells one broken connection by several errors; later ones come out of the channel that is in use.
  client.on('error', () => undefined);
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('error', reject);
      client.once('close', () => {
        reject(new Error('the connection was closed'));
      });
      client.connect({
        ...address,
        username: MACHINE_ACCOUNT,
        ...secret,
        authHandler: [credential.kind === 'key' ? 'publickey' : 'password'],
        algorithms: { serverHostKey: ['ssh-ed25519'] },
        hostVerifier: (key: Buffer) => {
          shown = `ssh-ed25519 ${key.toString('base64')}`;
          return expected === undefined || shown === expected.key;
        },
        readyTimeout: LOGIN_MS,
        keepaliveInterval: 15_000,
      });
    });
  } catch (error) {
    client.destroy();
    signal?.removeEventListener('abort', abort);
    signal?.throwIfAborted();
    if (expected !== undefined && shown !== '' && shown !== expected.key)
      throw new HostKeyChangedError(machine, expected.key, shown, expected.origin);
    if (isRefusal(error)) return undefined;
    throw connectError(options, error);
  }
  return {
    hostKey: shown,
    by: credential.kind,
    configure: (verb, stdin) => configure(client, machine, verb, stdin),
    close: () => {
      signal?.removeEventListener('abort', abort);
      client.end();
    },
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'level' in error && error.level === 'client-authentication';
}

function connectError({ machine, address }: LoginOptions, error: unknown): InjectionConnectError {
  const reason = error instanceof Error ? error.message : String(error);
  return new InjectionConnectError(`${machine} does not answer SSH at ${address.host}:${address.port}: ${reason}`, {
    hint: hasErrorCode(error, 'ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT')
      ? `Is it running (nx run ${machine}:vm-info), and is this its address? Its console shows it: nx run ${machine}:logs`
      : `Look at its console: nx run ${machine}:logs`,
    cause: error,
  });
}

function configure(client: Client, machine: string, verb: ConfigureVerb, stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    client.exec(`sudo -n /usr/local/sbin/build-machine-configure ${verb}`, (refused, channel) => {
      // ssh2 declares an error here, and gives undefined when there is none.
      if (refused as Error | undefined) reject(refused);
      else
        collect(channel, stdin).then(({ code, stdout, stderr }) => {
          if (code === 0) resolve(stdout.trim());
          else
            reject(
              new InjectionStepError(
                `The step ${verb} failed on ${machine}: ${stderr.trim() || `exit status ${code}`}`,
                {
                  hint: 'Was the machine made from an image of packer-build? An older image may lack this step: build a new one.',
                },
              ),
            );
        }, reject);
    });
  });
}

function collect(channel: ClientChannel, stdin: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let code = -1;
    channel.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    channel.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    channel.on('exit', (status: number | null) => (code = status ?? -1));
    // Also after a lost connection, then without an exit status.
    channel.on('close', () => {
      resolve({ code, stdout, stderr: code === -1 && stderr === '' ? 'the connection was lost' : stderr });
    });
    channel.end(stdin);
  });
}
