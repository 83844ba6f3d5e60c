import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BuildMachinesError } from '@build-machines/protocol';
import { writeMachineAccess } from '../../access/access-record.js';
import type { MachineAccess } from '../../access/machine-access.js';
import type { HubEndpoint } from '../../definitions/hub-endpoint.js';
import type { LoadedMachine } from '../../definitions/load.js';
import { hasErrorCode } from '../../disk/missing.js';
import { writePrivate } from '../../disk/write-aside.js';
import { ensureBuildKey } from '../../keys/build-key.js';
import { ensureKey } from '../../keys/ensure-key.js';
import { publicKeyText } from '../../keys/public-key.js';
import { findSftpServer } from '../../sshd/find-sftp-server.js';
import { requireProgram, requireSshd } from '../../sshd/find-sshd.js';
import { sshdAccount } from '../../sshd/account.js';
import { prepareSshd } from '../../sshd/prepare-sshd.js';
import type { WorkstationAccount } from '../../state/account.js';
import type { StateFolder } from '../../state/state-folder.js';
import { recordedChildren } from '../../supervision/child-record.js';
import { sandboxAgentConfig } from './agent-config.js';
import { sandboxChildren } from './children.js';
import { choosePorts } from './choose-ports.js';
import { sandboxLayout, type SandboxLayout } from './layout.js';
import { lacksForwardPort, losesForwardPort, tunnelLogLength } from './forward-port.js';
import { isOrBecomesReady, waitUntilReady } from './ready.js';
import { ensureSandboxTunnelKey } from './sandbox-keys.js';
import { withSandboxLock } from './sandbox-lock.js';
import { allSandboxRecords, readSandboxRecord, writeSandboxRecord, type SandboxRecord } from './sandbox-record.js';
import { sandboxSshdOptions } from './sshd-options.js';
import { dismissSupervisor, startSupervisor } from './start-supervisor.js';
import type { BridgeRevival, SupervisorConfig } from './supervisor-config.js';
import { writeSandboxFiles } from './write-sandbox.js';

/** The agent's bundle is not where it should be. */
export class AgentBundleMissingError extends BuildMachinesError {
  readonly code = 'agent-bundle-missing';
}

export interface SandboxUpOptions {
  readonly state: StateFolder;
  readonly machine: Pick<LoadedMachine, 'definition' | 'port' | 'services'>;
  /** The relay to connect out to, with the host key to pin. */
  readonly relay: { readonly host: string; readonly port: number; readonly user: string; readonly hostKey: string };
  /** The hub as seen from the relay, and this machine's token for it; empty: none is sent. */
  readonly hub: HubEndpoint & { readonly token: string };
  /** Absolute path of build-agent.cjs. */
  readonly agentBundle: string;
  /** Absolute path of sandbox-supervisor.cjs. */
  readonly supervisorBundle: string;
  readonly account: WorkstationAccount;
  /** How the supervisor revives the bridge; null: it does not. */
  readonly bridge: BridgeRevival | null;
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
  /** How long sshd and agent may take to answer, in milliseconds; default 30 000. */
  readonly patienceMs?: number;
}

type SandboxPorts = Pick<SandboxRecord, 'sshdPort' | 'forwardPort'>;

/** So often a port may be taken by others between its choice and its use. */
const ATTEMPTS = 3;

/** Default of `patienceMs`. */
const PATIENCE_MS = 30_000;

/**
 * Brings a sandbox machine up: its own home folder, sshd and agent on this computer, and an autossh that connects out to
 * the relay. Everything runs under one supervisor that outlives this process. The tunnel key
 * (`ensureSandboxTunnelKey`) must be authorised at the relay; the tunnel itself is awaited by `waitForMachine`.
 *
 * A sandbox that is up, with the same options, is left as it is. One that is up with others is changed in place: only
 * the parts that the change concerns start anew.
 * @returns how to reach it, also written to access.json, and whether anything had to be done.
 * @throws ProgramMissingError, AgentBundleMissingError, StatePathTooLongError, UnsafePathError, SandboxNotReadyError.
 */
export async function sandboxUp(options: SandboxUpOptions): Promise<{ access: MachineAccess; changed: boolean }> {
  const { state, machine, signal, onProgress = () => undefined } = options;
  const { name } = machine.definition;
  const layout = sandboxLayout(state, name);
  return withSandboxLock(layout, async () => {
    const buildKey = await ensureBuildKey(state);
    const hostKey = await ensureKey(layout.hostKey, `build-machines host key of ${name}`);
    await ensureSandboxTunnelKey(state, name);
    const access: MachineAccess = {
      name,
      sshHost: '127.0.0.1',
      sshPort: machine.port,
      user: options.account.user,
      identityFile: buildKey.privateKeyFile,
      hostKey: publicKeyText(hostKey.publicKey),
      agentSocket: layout.agentSocket,
    };
    const given = await digestOf(options, [access.hostKey, publicKeyText(buildKey.publicKey)]);
    const earlier = await readSandboxRecord(layout.record);
    const lost = new Set<number>();
    if (earlier?.wanted === true && earlier.given === given && (await isOrBecomesReady(layout, earlier, signal))) {
      await writeMachineAccess(state, access);
      const { forwardPort } = earlier;
      if (!(await lacksForwardPort(layout, { forwardPort, reversePort: machine.port })))
        return { access, changed: false };
      lost.add(forwardPort);
    }
    onProgress(`starting machine "${name}" on this computer`);
    await writeSandboxFiles({
      layout,
      buildKey: buildKey.publicKey,
      relayHostKey: options.relay.hostKey,
      token: options.hub.token,
      path: options.account.path,
      userHome: options.account.home,
      agentBundle: options.agentBundle,
    });
    for (let attempt = 1; ; attempt++) {
      const ports = await portsFor(options, layout, { earlier: await readSandboxRecord(layout.record), lost });
      const from = await tunnelLogLength(layout);
      await start(options, { layout, ports, given });
      const { forwardPort } = ports;
      if (
        attempt === ATTEMPTS ||
        !(await losesForwardPort(layout, { forwardPort, reversePort: machine.port }, { from, signal }))
      )
        break;
      onProgress(`port ${forwardPort} was taken meanwhile: choosing another`);
      lost.add(forwardPort);
    }
    await writeMachineAccess(state, access);
    return { access, changed: true };
  });
}

/** Starts the supervisor with these ports, or changes the running machine to them, and waits for sshd and agent. */
async function start(
  options: SandboxUpOptions,
  { layout, ports, given }: { layout: SandboxLayout; ports: SandboxPorts; given: string },
): Promise<void> {
  const { machine, signal, patienceMs = PATIENCE_MS } = options;
  await writeSupervisorConfig(options, layout, ports, given);
  await dismissSupervisor(layout);
  const { name } = machine.definition;
  await writeSandboxRecord(layout.record, { version: 1, name, wanted: true, given, ...ports });
  await startSupervisor(layout, signal);
  await waitUntilReady(layout, ports, { patienceMs, signal });
}

async function portsFor(
  { state, machine }: SandboxUpOptions,
  layout: SandboxLayout,
  { earlier, lost }: { earlier: SandboxRecord | undefined; lost: ReadonlySet<number> },
): Promise<SandboxPorts> {
  const children = await recordedChildren(layout.supervisor);
  const runs = (child: string): boolean => children.some((record) => record.name === child && record.running);
  return choosePorts({
    earlier,
    others: (await allSandboxRecords(state)).filter(({ name }) => name !== machine.definition.name),
    held: { sshd: runs('sshd'), tunnel: runs('tunnel') && !lost.has(earlier?.forwardPort ?? 0) },
    reserved: new Set([machine.port, machine.services.relay, machine.services.hub, ...lost]),
  });
}

async function writeSupervisorConfig(
  options: SandboxUpOptions,
  layout: SandboxLayout,
  ports: SandboxPorts,
  given: string,
): Promise<void> {
  const { account, machine, relay, hub } = options;
  const programs = {
    sshd: await requireSshd(account.path),
    ssh: await requireProgram('ssh', account.path, 'openssh-client'),
    autossh: await requireProgram('autossh', account.path, 'autossh'),
    node: process.execPath,
  };
  const sshdConfig = await prepareSshd(
    programs.sshd,
    layout.sshdConfig,
    sandboxSshdOptions({ layout, port: ports.sshdPort, user: account.user, sftpServer: await findSftpServer() }),
    sshdAccount(account.user, account.uid),
  );
  const { definition, port: tunnelPort } = machine;
  const agentConfig = JSON.stringify(
    sandboxAgentConfig({ layout, definition, tunnelPort, forwardPort: ports.forwardPort, account, hub }),
    null,
    2,
  );
  await writePrivate(layout.agentConfig, agentConfig);
  const config: SupervisorConfig = {
    version: 1,
    name: definition.name,
    instanceFile: layout.supervisorInstance,
    logFile: layout.supervisorLog,
    folder: layout.supervisor,
    children: sandboxChildren({
      layout,
      ports,
      tunnelPort,
      relay,
      hub,
      account,
      programs,
      configuration: { sshd: sshdConfig, agent: `${agentConfig} ${given}` },
    }).map((child) => ({ ...child, args: [...child.args] })),
    bridge: options.bridge,
    self: {
      command: programs.node,
      args: [options.supervisorBundle, layout.supervisorConfig],
      env: { HOME: account.home, PATH: account.path, LANG: account.locale },
      cwd: '/',
    },
  };
  await writePrivate(layout.supervisorConfig, `${JSON.stringify(config, null, 2)}\n`);
}

/** Digest of all that `up` was given, with the content of the agent and the token. */
async function digestOf(options: SandboxUpOptions, keys: readonly string[]): Promise<string> {
  const { machine, relay, hub, supervisorBundle, account, bridge } = options;
  const { definition, port } = machine;
  const hash = createHash('sha256');
  hash.update(await readBundle(options.agentBundle));
  hash.update(
    JSON.stringify([definition.slots, definition.labels, port, relay, hub, supervisorBundle, account, bridge, keys]),
  );
  return hash.digest('hex');
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
