import { MACHINE_AGENT } from './machine-agent.js';
import type { MachineAccess } from '../access/machine-access.js';
import { writeMachineAccess } from '../access/access-record.js';
import type { KeyPair } from '../keys/ensure-key.js';
import { parsePublicKey, publicKeyText, type PublicKey } from '../keys/public-key.js';
import type { StateFolder } from '../state/state-folder.js';
import { knownHostsLine, RELAY_ALIAS } from '../tunnel/autossh-command.js';
import { PasswordStillAcceptedError } from './errors.js';
import { login, MACHINE_ACCOUNT, tryLogin, type Credential, type Login, type LoginOptions } from './login.js';
import { agentConfig, type AgentChoices } from './machine-agent.js';
import { pinHostKey, pinnedHostKey } from './pinned-host-key.js';
import { renderSettings, type TunnelSettings } from './settings.js';

export interface InjectKeysOptions {
  readonly state: StateFolder;
  readonly machine: string;
  /** Where the machine's sshd answers before there is a tunnel. */
  readonly address: { readonly host: string; readonly port: number };
  /** The image's one-time password; needed the first time only. */
  readonly password?: string;
  /** What the machine's console said (readConsole()); trusted over the network. */
  readonly consoleHostKey?: string;
  /** Its public half may log in from now on, and nobody else's. */
  readonly buildKey: KeyPair;
  /** Keys that may still be the ones that log in, when the build key was changed. */
  readonly formerIdentityFiles?: readonly string[];
  readonly settings: TunnelSettings;
  /** Text of packer/haskell/files/build-agent.env.template, or of the user's own. */
  readonly settingsTemplate: string;
  /** The relay's host key, as `ssh-ed25519 AAAA…`. */
  readonly relayHostKey: string;
  readonly agent: AgentChoices;
  /** The agent's program (build-agent.cjs): the image may be older than this workstation. */
  readonly agentBundle: string;
  /** The machine's bearer token at the State Hub. */
  readonly hubToken: string;
  /** Installs the line at the relay that lets the machine's key hold its tunnel: embedded or system. */
  readonly authorizeTunnel: (key: PublicKey) => Promise<void>;
  /** Makes a new tunnel key although there is one. */
  readonly rotate?: boolean;
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Gives a machine what it needs to connect out, and takes its temporary password away. Doing it again applies what has
 * changed; the login is by key then. In this order, so that a machine is never without a way in:
 *
 * 1. Log in: by key, else by the temporary password. The host key must be the pinned one; before there is one, the one
 *    that the console said; without a console, the one shown at this first contact is taken. What protects that first
 *    contact is that the password is of this image only, never used before, and worthless in a moment.
 * 2. Public half of the build key, relay's host key, settings, token, the agent's configuration and program. All on standard input.
 * 3. The machine makes its tunnel key; only its public half comes out, and is authorized at the relay.
 * 4. Agent and tunnel start.
 * 5. Log in by key, on a connection of its own; through it, retire the password.
 * 6. Check that the password is refused.
 *
 * @throws InjectionConnectError, InjectionLoginError, HostKeyChangedError, InjectionStepError, PasswordStillAcceptedError
 */
export async function injectKeys(options: InjectKeysOptions): Promise<MachineAccess> {
  const { state, machine, buildKey, onProgress, signal } = options;
  const target = await loginTarget(options);
  const candidates = [buildKey.privateKeyFile, ...(options.formerIdentityFiles ?? [])];
  const keys = candidates.map((identityFile): Credential => ({ kind: 'key', identityFile }));
  const password: Credential[] =
    options.password === undefined ? [] : [{ kind: 'password', password: options.password }];

  onProgress?.('Logging in');
  const first = await login([...keys, ...password], target);
  const pinned: LoginOptions = { ...target, hostKey: { key: first.hostKey, origin: 'the one of the first login' } };
  try {
    await configureMachine(first, options);
  } finally {
    first.close();
  }

  onProgress?.('Logging in by key, and retiring the password');
  const [buildCredential] = keys;
  const byKey = await login(buildCredential ? [buildCredential] : [], pinned);
  try {
    await byKey.configure('retire-password');
  } finally {
    byKey.close();
  }
  for (const credential of password) {
    const stillThere = await tryLogin(credential, pinned);
    stillThere?.close();
    if (stillThere) throw new PasswordStillAcceptedError(machine);
  }

  await pinHostKey(state, machine, first.hostKey);
  const access: MachineAccess = {
    name: machine,
    sshHost: '127.0.0.1',
    sshPort: options.settings.tunnelPort,
    user: MACHINE_ACCOUNT,
    identityFile: buildKey.privateKeyFile,
    hostKey: first.hostKey,
    agentSocket: MACHINE_AGENT.socket,
  };
  await writeMachineAccess(state, access);
  signal?.throwIfAborted();
  return access;
}

async function loginTarget(options: InjectKeysOptions): Promise<LoginOptions> {
  const { state, machine, address, consoleHostKey, signal } = options;
  const pinned = await pinnedHostKey(state, machine);
  const hostKey =
    pinned !== undefined
      ? { key: pinned, origin: 'the pinned one' }
      : consoleHostKey !== undefined
        ? { key: consoleHostKey, origin: 'the one on its console' }
        : undefined;
  return { machine, address, hostKey, signal };
}

async function configureMachine(session: Login, options: InjectKeysOptions): Promise<void> {
  const { machine, buildKey, settings, onProgress } = options;
  onProgress?.('Installing keys and settings');
  await session.configure('authorize', `${publicKeyText(buildKey.publicKey)} build key\n`);
  await session.configure('relay-host-keys', knownHostsLine(RELAY_ALIAS, options.relayHostKey));
  await session.configure('settings', renderSettings(options.settingsTemplate, settings));
  await session.configure('hub-token', `${options.hubToken}\n`);
  await session.configure('agent-config', JSON.stringify(agentConfig(machine, options.agent, settings.tunnelPort)));
  await session.configure('agent', options.agentBundle);

  onProgress?.('Authorizing the tunnel key');
  const first = await session.configure('tunnel-key');
  if (options.rotate === true) {
    const next = await session.configure('tunnel-key-next');
    await options.authorizeTunnel(parsePublicKey(next, `the tunnel key of ${machine}`));
    await session.configure('tunnel-key-adopt');
  } else await options.authorizeTunnel(parsePublicKey(first, `the tunnel key of ${machine}`));

  onProgress?.('Starting agent and tunnel');
  await session.configure('start');
}
