import { statfs } from 'node:fs/promises';
import { arch, cpus, hostname, loadavg, totalmem } from 'node:os';
import { PROTOCOL_VERSION, type AgentInfo } from '@build-machines/protocol';
import type { Registration } from '../registration/registration.js';
import type { RunContext } from '../runs/run-context.js';

/** What stays the same as long as the agent lives. */
export interface AgentIdentity {
  readonly version: string;
  readonly machineId: string;
  readonly startedAt: string;
  /** Name and version of the distribution. */
  readonly os: string;
}

/** Free bytes of the filesystem that holds the agent's state, for this account. */
export async function diskFreeBytes(stateDir: string): Promise<number> {
  const { bavail, bsize } = await statfs(stateDir);
  return bavail * bsize;
}

export async function agentInfo(
  context: RunContext,
  identity: AgentIdentity,
  registration: Registration,
): Promise<AgentInfo> {
  const { config, slots, toolchains, traits, now } = context;
  // What was installed by hand since: only the files that changed are asked for their version.
  await toolchains.discover();
  return {
    protocol: PROTOCOL_VERSION,
    version: identity.version,
    name: config.name,
    hostname: hostname(),
    machineId: identity.machineId,
    os: identity.os,
    arch: arch(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    diskFreeBytes: await diskFreeBytes(config.stateDir),
    load: loadavg()[0] ?? 0,
    now: now().toISOString(),
    startedAt: identity.startedAt,
    home: config.home,
    slots: { total: slots.capacity, busy: slots.holders.length, queued: slots.waiting.length },
    tools: [...toolchains.installed],
    defaultToolchain: await toolchains.resolve({}),
    traits: await traits.read(toolchains.installed),
    labels: config.labels,
    hub: registration.status,
  };
}
