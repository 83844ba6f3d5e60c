import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BuildMachinesError } from '@build-machines/protocol';
import { ZodError } from 'zod';
import { writeMachineAccess } from '../../access/access-record.js';
import type { MachineAccess } from '../../access/machine-access.js';
import type { HubEndpoint } from '../../definitions/hub-endpoint.js';
import type { LoadedMachine } from '../../definitions/load.js';
import { hasErrorCode } from '../../disk/missing.js';
import { ensureBuildKey } from '../../keys/build-key.js';
import { ensureKey } from '../../keys/ensure-key.js';
import { publicKeyText } from '../../keys/public-key.js';
import type { WorkstationAccount } from '../../state/account.js';
import type { StateFolder } from '../../state/state-folder.js';
import { runningInstance } from '../../supervision/instance.js';
import { endRecordedChildren } from '../../supervision/supervise.js';
import { choosePorts, type SandboxPorts } from './choose-ports.js';
import { lacksForwardPort, losesForwardPort, tunnelLogLength } from './forward-port.js';
import { sandboxLayout, type SandboxLayout } from './layout.js';
import { isOrBecomesReady, waitUntilReady } from './ready.js';
import { ensureSandboxTunnelKey } from './sandbox-keys.js';
import { withSandboxLock } from './sandbox-lock.js';
import { readSandboxRecord, type SandboxRecord, writeSandboxRecord } from './sandbox-record.js';
import { changesOf, type SandboxChange, type SandboxSettings, secretsDigest } from './sandbox-settings.js';
import { dismissSupervisor, startSupervisor } from './start-supervisor.js';
import { writeSandboxFiles } from './write-sandbox.js';
import { writeSupervisorConfig } from './write-supervisor-config.js';

/** The agent's bundle is not where it should be. */
export class AgentBundleMissingError extends BuildMachinesError {
  readonly code = 'agent-bundle-missing';
}

export interface SandboxUpOptions {
  readonly state: StateFolder;
  readonly machine: Pick<LoadedMachine, 'definition' | 'port' | 'services'>;
  /** Release of this plugin, such as `0.1.0`. */
  readonly release: string;
  /** The relay to connect out to, with the host key to pin. */
  readonly relay: { readonly host: string; readonly port: number; readonly user: string; readonly hostKey: string };
  /** The hub as seen from the relay, and this machine's token for it; empty: none is sent. */
  readonly hub: HubEndpoint & { readonly token: string };
  /** Absolute path of build-agent.cjs. */
  readonly agentBundle: string;
  /** Absolute path of sandbox-supervisor.cjs. */
  readonly supervisorBundle: string;
  readonly account: WorkstationAccount;
  /** File that tells the supervisor how to revive the bridge, a BridgeRevival; null: it does not. */
  readonly bridge: string | null;
  /** Lets the machine's tunnel key hold this port at the relay. Called before the machine uses it; repeating it is safe. */
  readonly authorize: (port: number) => Promise<void>;
  /**
   * Which changes of a running machine are made. `needed`: a newer release's programs, and what it cannot be reached
   * without, as a task does that just needs the machine; `all`: settings too, as `up` does; `restart`: all parts start
   * anew, whether or not they differ.
   */
  readonly apply: 'needed' | 'all' | 'restart';
  /**
   * Makes a change of a running machine while it works for nobody, and rejects with an error of code `machine-busy` or
   * `machine-silent` where it does. The machine then stays as it is.
   */
  readonly whileIdle: <T>(change: () => Promise<T>) => Promise<T>;
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** How long sshd and agent may take to answer, in milliseconds; default 30 000. */
  readonly patienceMs?: number;
}

/** A sandbox that is up. */
export interface SandboxIsUp {
  /** How to reach it; also in access.json. */
  readonly access: MachineAccess;
  /** Whether anything had to be done. */
  readonly changed: boolean;
  /** What differs from the running machine and was not changed. */
  readonly waiting: readonly SandboxChange[];
  /** Why a change that was to be made waits; undefined where none was. */
  readonly busy?: BuildMachinesError;
}

/** So often a port may be taken by others between its choice and its use. */
const ATTEMPTS = 3;

/** Default of `patienceMs`. */
const PATIENCE_MS = 30_000;

/**
 * Brings a sandbox machine up: its own home folder, sshd and agent on this computer, and an autossh that connects out to
 * the relay. Everything runs under one supervisor that outlives this process. The tunnel itself is awaited by
 * `waitForMachine`.
 *
 * All workspaces of an account share a sandbox of one name. One that is up is left as it is while it works for somebody;
 * see `whileIdle`. Which shell, folder or Node it was brought up from makes no difference to it.
 * @throws ProgramMissingError, AgentBundleMissingError, StatePathTooLongError, UnsafePathError, SandboxNotReadyError.
 */
export async function sandboxUp(options: SandboxUpOptions): Promise<SandboxIsUp> {
  const { state, machine, signal, onProgress = () => undefined } = options;
  const { name } = machine.definition;
  const layout = sandboxLayout(state, name);
  return withSandboxLock(layout, async () => {
    const buildKey = await ensureBuildKey(state);
    const hostKey = publicKeyText((await ensureKey(layout.hostKey, `build-machines host key of ${name}`)).publicKey);
    await ensureSandboxTunnelKey(state, name);
    const settings = await settingsOf(options, [hostKey, publicKeyText(buildKey.publicKey)]);
    const isUpAt = async (tunnelPort: number, outcome: Omit<SandboxIsUp, 'access'>): Promise<SandboxIsUp> => {
      const access: MachineAccess = {
        name,
        sshHost: '127.0.0.1',
        sshPort: tunnelPort,
        user: options.account.user,
        identityFile: buildKey.privateKeyFile,
        hostKey,
        agentSocket: layout.agentSocket,
      };
      await writeMachineAccess(state, access);
      return { access, ...outcome };
    };
    const renew = async (earlier: SandboxRecord | undefined, lost: ReadonlySet<number>): Promise<SandboxIsUp> => {
      onProgress(`starting machine "${name}" on this computer`);
      await writeSandboxFiles({
        layout,
        buildKey: buildKey.publicKey,
        relayHostKey: options.relay.hostKey,
        token: options.hub.token,
        path: options.account.path,
        userHome: options.account.home,
        agentBundle: options.agentBundle,
        supervisorBundle: options.supervisorBundle,
      });
      const { tunnelPort } = await startOnFreePorts(options, layout, { earlier, settings, lost });
      return isUpAt(tunnelPort, { changed: true, waiting: [] });
    };
    const earlier = await readSandboxRecord(layout.record);
    const tunnelPort = earlier?.tunnelPort ?? machine.port;
    const changes = changesOf(earlier?.settings, settings);
    const presence = earlier?.wanted === true ? await presenceOf(layout, earlier, signal) : 'down';
    const lost = new Set<number>();
    if (earlier !== undefined && presence !== 'down') {
      await options.authorize(tunnelPort);
      const { forwardPort } = earlier;
      if (await lacksForwardPort(layout, { forwardPort, reversePort: tunnelPort })) lost.add(forwardPort);
      const wanted = changes.filter(({ kind }) => options.apply !== 'needed' || kind !== 'settings');
      if (wanted.length === 0 && lost.size === 0 && options.apply !== 'restart')
        return isUpAt(tunnelPort, { changed: presence === 'revived', waiting: changes });
    }
    try {
      return await options.whileIdle(async () => {
        if (options.apply === 'restart') await dismissChildren(layout);
        return renew(earlier, lost);
      });
    } catch (error) {
      if (!(error instanceof BuildMachinesError) || !hasErrorCode(error, 'machine-busy', 'machine-silent')) throw error;
      return isUpAt(tunnelPort, { changed: false, waiting: changes, busy: error });
    }
  });
}

/**
 * Whether all parts of a machine that shall run do. A supervisor that was killed is started again as it was, and adopts
 * what still runs: what it was told last, not this command, decides what the machine is.
 */
async function presenceOf(
  layout: SandboxLayout,
  earlier: SandboxRecord,
  signal?: AbortSignal,
): Promise<'up' | 'revived' | 'down'> {
  const isSupervised = (await runningInstance(layout.supervisorInstance)) !== undefined;
  if (isSupervised) return (await isOrBecomesReady(layout, earlier, { signal })) ? 'up' : 'down';
  try {
    await startSupervisor(layout, signal);
  } catch (error) {
    signal?.throwIfAborted();
    // What the last one was told is gone or damaged, so the machine is made anew.
    if (!(error instanceof BuildMachinesError || error instanceof SyntaxError || error instanceof ZodError))
      throw error;
    return 'down';
  }
  return (await isOrBecomesReady(layout, earlier, { withinMs: PATIENCE_MS, signal })) ? 'revived' : 'down';
}

/** Ends the parts of the machine, so that the next supervisor starts all of them. */
async function dismissChildren(layout: SandboxLayout): Promise<void> {
  await dismissSupervisor(layout);
  await endRecordedChildren(layout.supervisor);
}

/** Starts the machine. A port that another program takes between its choice and its use is given up for another. */
async function startOnFreePorts(
  options: SandboxUpOptions,
  layout: SandboxLayout,
  {
    earlier,
    settings,
    lost,
  }: {
    readonly earlier: SandboxRecord | undefined;
    readonly settings: SandboxSettings;
    readonly lost: ReadonlySet<number>;
  },
): Promise<SandboxPorts> {
  const { state, machine, signal, onProgress = () => undefined, patienceMs = PATIENCE_MS } = options;
  const { name } = machine.definition;
  const taken = new Set(lost);
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts({
      ...{ state, machine, layout, lost: taken },
      earlier: (await readSandboxRecord(layout.record)) ?? earlier,
    });
    await options.authorize(ports.tunnelPort);
    const from = await tunnelLogLength(layout);
    await writeSupervisorConfig(options, layout, ports, settings);
    await dismissSupervisor(layout);
    await writeSandboxRecord(layout.record, { version: 1, name, wanted: true, settings, ...ports });
    await startSupervisor(layout, signal);
    await waitUntilReady(layout, ports, { patienceMs, signal });
    const { forwardPort, tunnelPort: reversePort } = ports;
    if (attempt === ATTEMPTS || !(await losesForwardPort(layout, { forwardPort, reversePort }, { from, signal })))
      return ports;
    onProgress(`port ${forwardPort} was taken meanwhile: choosing another`);
    taken.add(forwardPort);
  }
}

async function settingsOf(
  { machine, release, relay, hub, agentBundle }: SandboxUpOptions,
  keys: readonly string[],
): Promise<SandboxSettings> {
  const { slots, labels } = machine.definition;
  const sha256 = createHash('sha256')
    .update(await readBundle(agentBundle))
    .digest('hex');
  return {
    release,
    agent: { source: agentBundle, sha256 },
    slots,
    labels,
    port: machine.port,
    relay: `${relay.user}@${relay.host}:${relay.port}`,
    hub: `${hub.host}:${hub.port}${hub.path}`,
    secrets: secretsDigest([relay.hostKey, hub.token, JSON.stringify(hub.catalog), ...keys]),
  };
}

async function readBundle(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    throw new AgentBundleMissingError(`the agent ${file} does not exist`, {
      hint: 'Install the package build-machines again; in its own repository, run `npm run build`.',
      cause: error,
    });
  }
}
