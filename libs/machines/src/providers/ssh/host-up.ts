import { readFile } from 'node:fs/promises';
import { BuildMachinesError, type MachineDefinition } from '@build-machines/protocol';
import { writeMachineAccess } from '../../access/access-record.js';
import type { MachineAccess } from '../../access/machine-access.js';
import type { HubEndpoint } from '../../definitions/hub-endpoint.js';
import type { LoadedMachine } from '../../definitions/load.js';
import { parseSshTarget, type SshTarget } from '../../definitions/ssh-target.js';
import { hasErrorCode } from '../../disk/missing.js';
import { ensureBuildKey } from '../../keys/build-key.js';
import type { PublicKey } from '../../keys/public-key.js';
import { RemoteLoginError } from '../../remote-shell/errors.js';
import type { RemoteLogin } from '../../remote-shell/remote-login.js';
import { remoteShell, type RemoteShell } from '../../remote-shell/remote-shell.js';
import type { WorkstationAccount } from '../../state/account.js';
import type { StateFolder } from '../../state/state-folder.js';
import { HostBehindProxyError, HostRequirementsError, SudoRefusedError } from './host-errors.js';
import { hostFacts, type HostFacts, type HostInit } from './host-facts.js';
import { filesDigest } from './host-files.js';
import { hostLayout } from './host-layout.js';
import { readHostRecord, writeHostRecord } from './host-record.js';
import { installedDigest, installFiles, installUnits } from './install-host.js';
import { machineFiles, machineUnits } from './machine-files.js';
import { prepareHost } from './prepare-host.js';
import { hostPrograms } from './programs.js';
import { missingRequirements } from './requirements.js';
import { resolveHost } from './resolve-host.js';
import { asRoot, startScript, statusScript, type HostServices } from './services.js';
import { trustedHostKey } from './trusted-host-key.js';

/** The relay and the hub that a host with a tunnel connects out to. */
export interface HostTunnel {
  readonly relay: { readonly host: string; readonly port: number; readonly user: string; readonly hostKey: string };
  readonly hub: HubEndpoint & { readonly token: string };
  /** Lets the machine's tunnel key in at the relay. */
  readonly authorize: (publicKey: PublicKey) => Promise<void>;
}

export interface HostUpOptions {
  readonly state: StateFolder;
  readonly machine: Pick<LoadedMachine, 'definition' | 'port'>;
  readonly account: WorkstationAccount;
  /** SSH_AUTH_SOCK of this process: the user's own agent, for the first login. */
  readonly authSocket: string | undefined;
  /** Null: the host is reached directly. */
  readonly tunnel: HostTunnel | null;
  /** Absolute paths of build-agent.cjs and sandbox-supervisor.cjs. */
  readonly agentBundle: string;
  readonly supervisorBundle: string;
  /** A private key that the host lets in already; default: those of the user's ssh configuration and agent. */
  readonly identityFile: string | undefined;
  /** See `trustedHostKey`. */
  readonly acceptHostKey: string | undefined;
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** Whether programs that run as they should start anew all the same. */
  readonly restart: boolean;
  /** As of `SandboxUpOptions`: makes a change while the machine works for nobody. */
  readonly whileIdle: <T>(change: () => Promise<T>) => Promise<T>;
  readonly onProgress: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes a Linux host that is already there a machine: checks it, lets the build key in, installs agent and tunnel and
 * whatever keeps them running, and starts them. A host that is as it shall be is left alone. In this order, so that
 * nothing is installed on a host that cannot run it:
 *
 * 1. The host key must be known or confirmed (`trustedHostKey`), and is pinned.
 * 2. Log in: by the build key, the given key, or those of the user's ssh.
 * 3. Check what is there: Node, autossh. With `sudo: true` what is missing is installed.
 * 4. Folder, build key, tunnel key; the tunnel key is authorized at the relay.
 * 5. Files and units, then start.
 *
 * @returns how to reach it, also written to access.json, and whether anything had to be done.
 * @throws the classes in host-errors.ts, RemoteLoginError, RemoteCommandError.
 */
export async function hostUp(options: HostUpOptions): Promise<{ access: MachineAccess; changed: boolean }> {
  const { state, machine, account, tunnel, onProgress, signal } = options;
  const { definition } = machine;
  const { name } = definition;
  const host = await resolveHost(hostTarget(definition), { name, path: account.path, signal });
  if (tunnel === null && host.proxy !== undefined) throw new HostBehindProxyError(name, host.alias, host.proxy);
  const { user, port } = host;
  const buildKey = await ensureBuildKey(state);
  const hostKey = await trustedHostKey({
    state,
    name,
    host,
    accept: options.acceptHostKey,
    ask: options.ask,
    path: account.path,
    home: account.home,
    onProgress,
    signal,
  });
  const shell = await firstShell(
    { ...{ name, host: host.alias, port, user, hostKey }, buildKeyFile: buildKey.privateKeyFile },
    options,
  );
  const facts = await fitHost(shell, options);
  const init = chooseInit(name, facts, definition.sudo);
  const node = facts.node?.path ?? 'node';
  const layout = hostLayout(facts.home, name);
  const earlier = await readHostRecord(state, name);
  const prepared = await prepareHost(shell, {
    ...{ name, layout, node, signal, sshd: facts.sshd },
    buildKey: buildKey.publicKey,
    tunnel: tunnel !== null,
    forwardPort: earlier?.forwardPort,
  });
  const { tunnelKey, forwardPort } = prepared;
  if (tunnel !== null && tunnelKey !== null) await tunnel.authorize(tunnelKey);
  const programs = hostPrograms(
    facts,
    layout,
    tunnel && {
      relay: tunnel.relay,
      reverse: { port: machine.port, toHost: prepared.sshdHost, toPort: facts.sshd.port },
      forward: { port: forwardPort, toHost: tunnel.hub.host, toPort: tunnel.hub.port },
    },
  );
  const files = machineFiles({
    ...{ definition, layout, facts, programs, forwardPort, tunnelPort: machine.port },
    tunnel,
    agentBundle: await readFile(options.agentBundle),
    supervisorBundle: init === 'supervisor' ? await readFile(options.supervisorBundle) : null,
  });
  const units = init === 'supervisor' ? {} : machineUnits(name, programs, init, facts.user);
  const digest = filesDigest(files, [init, units]);
  const isRoot = facts.user === 'root';
  const services: HostServices = { name, layout, init, isRoot, node, parts: programs.map(({ part }) => part) };
  const isAsWanted =
    (await installedDigest(shell, layout, signal)) === digest &&
    (await shell.succeed('Looking at the services', statusScript(services), { signal })).includes('active');
  const install = async (): Promise<void> => {
    onProgress(`installing the agent on ${host.alias}, in ${layout.root}`);
    if (init !== 'supervisor') await installUnits(shell, { init, home: facts.home, isRoot, units, signal });
    await installFiles(shell, { name, layout, files, digest, signal });
    await shell.succeed('Starting agent and tunnel', startScript(services), { signal });
    sayWhatKeepsItRunning(options, facts, init);
  };
  const changed = (!isAsWanted || options.restart) && (await doneUnlessBusy(options, install));
  await writeHostRecord(state, name, {
    ...{ version: 1, host: host.alias, port, user, home: facts.home, node, init, forwardPort },
    parts: [...services.parts],
  });
  const access: MachineAccess = {
    name,
    ...(tunnel === null ? { sshHost: host.hostName, sshPort: port } : { sshHost: '127.0.0.1', sshPort: machine.port }),
    user,
    identityFile: buildKey.privateKeyFile,
    hostKey,
    agentSocket: layout.agentSocket,
  };
  await writeMachineAccess(state, access);
  return { access, changed };
}

/** Makes a change of a host, unless it works for somebody: then the change waits for the next `up`, and says so. */
async function doneUnlessBusy({ whileIdle, onProgress }: HostUpOptions, change: () => Promise<void>): Promise<boolean> {
  try {
    await whileIdle(change);
    return true;
  } catch (error) {
    if (!(error instanceof BuildMachinesError) || !hasErrorCode(error, 'machine-busy', 'machine-silent')) throw error;
    onProgress(`${error.message}\n  Its new agent and settings wait for that. ${error.hint}`);
    return false;
  }
}

/** Where the host of a machine with provider ssh is; its definition was checked when it was loaded. */
export function hostTarget({ name, host }: Pick<MachineDefinition, 'name' | 'host'>): SshTarget {
  const target = parseSshTarget(host ?? '');
  if (target === undefined) throw new RangeError(`machine "${name}" has no valid host`);
  return target;
}

/** A shell by the build key or the given one; where the host refuses both, by whatever key the user's own ssh has. */
async function firstShell(
  { buildKeyFile, ...to }: Pick<RemoteLogin, 'name' | 'host' | 'port' | 'user' | 'hostKey'> & { buildKeyFile: string },
  { account, authSocket, identityFile, signal }: HostUpOptions,
): Promise<RemoteShell> {
  const login = {
    ...to,
    identityFiles: [buildKeyFile, ...(identityFile === undefined ? [] : [identityFile])],
    userConfiguration: true,
  };
  const surroundings = { path: account.path, env: { HOME: account.home, SSH_AUTH_SOCK: authSocket } };
  const shell = remoteShell({ ...login, keys: 'given' }, surroundings);
  try {
    await shell.run('true', { signal });
    return shell;
  } catch (error) {
    if (!(error instanceof RemoteLoginError) || !error.isRefusal) throw error;
    return remoteShell({ ...login, keys: 'any' }, surroundings);
  }
}

/** The host's facts, after what is missing was installed where that is wanted. */
async function fitHost(shell: RemoteShell, options: HostUpOptions): Promise<HostFacts> {
  const { machine, tunnel, onProgress, signal } = options;
  const { name, sudo } = machine.definition;
  const facts = await hostFacts(shell, signal);
  const missing = missingRequirements(facts, tunnel !== null);
  if (missing.length === 0) return facts;
  if (!sudo || !facts.aptGet) throw new HostRequirementsError(name, missing);
  if (facts.sudoRefusal !== null) throw new SudoRefusedError(name, facts.user, facts.sudoRefusal);
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ');
  onProgress(`installing ${packages} on the host`);
  const apt = `env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages}`;
  await shell.succeed(`Installing ${packages}`, asRoot(facts.user === 'root', apt), { signal });
  const fitted = await hostFacts(shell, signal);
  const still = missingRequirements(fitted, tunnel !== null);
  if (still.length > 0) throw new HostRequirementsError(name, still);
  return fitted;
}

/** Who keeps the programs running: systemd where it is, for all users with sudo; else our own supervisor. */
function chooseInit(name: string, facts: HostFacts, sudo: boolean): HostInit {
  if (sudo && facts.systemd) {
    if (facts.sudoRefusal !== null) throw new SudoRefusedError(name, facts.user, facts.sudoRefusal);
    return 'system';
  }
  return facts.userSystemd ? 'user' : 'supervisor';
}

function sayWhatKeepsItRunning({ machine, onProgress }: HostUpOptions, facts: HostFacts, init: HostInit): void {
  const { name } = machine.definition;
  if (init === 'supervisor')
    onProgress(
      `there is no systemd for this account: agent and tunnel are kept running until the host reboots; then run nx run ${name}:up again`,
    );
  else if (init === 'user' && !facts.linger)
    onProgress(
      `the account's services end when it is logged out: on the host, run \`sudo loginctl enable-linger ${facts.user}\``,
    );
}
