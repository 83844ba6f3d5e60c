import { randomBytes } from 'node:crypto';
import { arch, cpus, hostname, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { expectTree, makeOwnFolder, removeSocket, removeTree } from '@build-machines/owned-files';
import { CAPABILITY_TYPE, PROTOCOL_VERSION, type CapabilityRegistration } from '@build-machines/protocol';
import { Activities } from '../activities/activities.js';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import type { AgentConfig } from '../config/agent-config.js';
import { holdStateFolder } from '../durable/hold-state-folder.js';
import { machineId } from '../durable/machine-id.js';
import type { Logger } from '../logging/logger.js';
import { Mirrors } from '../mirrors/mirrors.js';
import { FifoGate } from '../queueing/fifo-gate.js';
import { hubCalls } from '../registration/hub-calls.js';
import { Registration } from '../registration/registration.js';
import type { RunContext } from '../runs/run-context.js';
import { LeaseFences } from '../runs/lease-fences.js';
import { RunFolders } from '../runs/run-folder.js';
import { TemporaryFolders } from '../runs/temporary-folders.js';
import { Runs } from '../runs/runs.js';
import { agentApi } from '../server/api.js';
import { agentInfo, diskFreeBytes, type AgentIdentity } from '../server/agent-info.js';
import { agentServer } from '../server/agent-server.js';
import { listenOnSocket } from '../server/listen-socket.js';
import { osName } from '../server/os-name.js';
import { Sessions } from '../sessions/sessions.js';
import { machineToolchains, machineTraits } from './machine-toolchains.js';

export interface ServeOptions {
  readonly config: AgentConfig;
  readonly version: string;
  /** Program and script that start this agent's own commands, for the command line of sessions. */
  readonly ownCommand: readonly string[];
  readonly user: string;
  readonly isRoot: boolean;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Aborted when the agent shall stop. */
  readonly signal: AbortSignal;
}

/** What releases before the marker kept in an agent's state folder. */
const FORMER = /^(agent\.lock|artifacts|attics|installs|machine-id(\.new)?|mirrors|runs|tmp|toolchains)$/;

/** Runs the agent until it is told to stop: then ends its runs, closes its socket and removes it. */
export async function serve(options: ServeOptions): Promise<void> {
  const { config, logger, now, signal } = options;
  // What builds make shall have the same modes on every machine, whatever started the agent; its state is 0700 at the top.
  process.umask(0o022);
  expectTree(config.stateDir, { madeFor: 'an agent', isFormer: (name) => FORMER.test(name) });
  await makeOwnFolder(config.stateDir);
  const releaseState = await holdStateFolder(config.stateDir);
  try {
    const context = await openContext(options);
    const runs = await Runs.open(context);
    await context.temporaryFolders.removeLeft();
    const sessions = new Sessions(context, options.ownCommand);
    const identity: AgentIdentity = {
      version: options.version,
      machineId: await machineId(config.stateDir),
      startedAt: now().toISOString(),
      os: await osName(),
    };
    const registration = registrationOf(context, identity);
    const info = () => agentInfo(context, identity, registration);
    const server = agentServer(agentApi({ context, runs, sessions, info, isRoot: options.isRoot }), logger);
    await listenOnSocket(server, config.socket);
    logger.info('the agent is ready', { socket: config.socket, tools: context.toolchains.installed });
    const registering = registration.run(signal);
    await aborted(signal);
    logger.info('the agent is stopping');
    server.close();
    await removeSocket(config.socket);
    sessions.close();
    await runs.stop('the agent is stopping');
    server.closeIdleConnections();
    await registering;
    // Followers have had the ends of their runs; whoever still holds a connection open has nothing more to get.
    setTimeout(() => {
      server.closeAllConnections();
    }, 1000).unref();
  } finally {
    await releaseState();
  }
}

async function openContext({ config, user, logger, now }: ServeOptions): Promise<RunContext> {
  await removeTree(join(config.stateDir, 'installs'));
  const artifacts = new ArtifactStore(join(config.stateDir, 'artifacts'), config.limits.artifactBytes);
  await artifacts.removeAside();
  const toolchains = machineToolchains(config, user);
  await toolchains.discover();
  return {
    config,
    account: { home: config.home, user },
    mirrors: await Mirrors.open({
      stateDir: config.stateDir,
      atticBytes: config.limits.atticBytes,
      now: () => now().getTime(),
    }),
    toolchains,
    traits: await machineTraits(config, user),
    artifacts,
    folders: new RunFolders(join(config.stateDir, 'runs')),
    temporaryFolders: new TemporaryFolders(join(config.stateDir, 'tmp'), logger),
    slots: new FifoGate(config.slots),
    fences: new LeaseFences(),
    activities: new Activities(),
    logger,
    now,
    randomId: () => randomBytes(16).toString('hex'),
  };
}

function registrationOf(context: RunContext, identity: AgentIdentity): Registration {
  const { config, fences, logger, now, slots, toolchains } = context;
  const { hub } = config;
  if (hub === null) return new Registration(null);
  const describe = (): CapabilityRegistration => ({
    capability_type: CAPABILITY_TYPE,
    name: config.name,
    machine_id: identity.machineId,
    tunnel_port: hub.tunnelPort,
    agent_version: identity.version,
    protocol: PROTOCOL_VERSION,
    hostname: hostname(),
    os: identity.os,
    arch: arch(),
    cpus: cpus().length,
    memory_bytes: totalmem(),
    toolchains: [...toolchains.installed],
    labels: config.labels,
    slots: slots.capacity,
  });
  return new Registration({
    hub: hubCalls(hub),
    describe,
    pulse: async () => ({
      machine_id: identity.machineId,
      load: loadavg()[0] ?? 0,
      disk_free_bytes: await diskFreeBytes(config.stateDir),
      slots_busy: slots.holders.length,
      queued: slots.waiting.length,
      clock: now().toISOString(),
    }),
    fences,
    logger,
    now,
    random: Math.random,
    ...(config.heartbeatSeconds !== undefined && { heartbeatSeconds: config.heartbeatSeconds }),
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
