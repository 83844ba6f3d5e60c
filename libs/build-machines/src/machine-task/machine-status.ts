import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { bridgeStatus, type MachineReport } from '@build-machines/remote';
import { HubUnreachableError } from '@build-machines/state-hub';
import prettyBytes from 'pretty-bytes';
import { connectExisting, type ExistingHub, existingHub } from '../placing/existing-hub.js';
import { ago } from '../reporting/durations.js';

/** How one machine is: what the bridge and the machine's own agent say. */
export interface MachineStatus {
  readonly machine: string;
  /** Whether the machine connects out to here; else it is reached where it is. */
  readonly tunnel: boolean;
  readonly bridge: 'running' | 'not running';
  readonly relay: { readonly port: number; readonly answering: boolean } | null;
  /** The bridge's own hub, or the existing one that machine.yml names. */
  readonly hub: HubStatus | null;
  /** Null: the machine was never brought up from this workstation. */
  readonly report: MachineReport | null;
  /** Whether everything that a build needs works. */
  readonly ok: boolean;
}

/** How a hub is. */
export interface HubStatus {
  readonly url: string;
  readonly answering: boolean;
  /** Of an existing hub: whether its catalog lists the machine, and what it cannot. */
  readonly listed?: boolean;
  readonly missing?: readonly string[];
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** An existing hub may take this long to answer, in milliseconds. */
const HUB_WITHIN = 3_000;

/** Looks at a machine through the bridge, or directly where no bridge runs; starts nothing. */
export async function machineStatus(
  { definition }: Pick<LoadedMachine, 'definition'>,
  state: StateFolder,
  signal: AbortSignal,
): Promise<MachineStatus> {
  const existing = existingHub(definition);
  const [status, existingStatus] = await Promise.all([
    bridgeStatus(state, signal),
    existing === undefined ? null : existingHubStatus(existing, definition.name, signal),
  ]);
  const machines = status.running ? status.report.machines : status.machines;
  const report = machines.find(({ name }) => name === definition.name) ?? null;
  return {
    machine: definition.name,
    tunnel: definition.tunnel,
    bridge: status.running ? 'running' : 'not running',
    relay: status.running ? { port: status.report.relay.port, answering: status.report.relay.answering } : null,
    hub: existingStatus ?? (status.running ? status.report.hub : null),
    report,
    ok: status.running && report?.agent != null,
  };
}

async function existingHubStatus(hub: ExistingHub, machine: string, signal: AbortSignal): Promise<HubStatus> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(HUB_WITHIN)]);
  const { url } = hub;
  try {
    const { catalog, missing } = await connectExisting(hub, process.env, within);
    const listed = (await catalog.list(within)).some(({ name }) => name === machine);
    return { url, answering: true, listed, missing };
  } catch (error) {
    signal.throwIfAborted();
    if (within.aborted) return { url, answering: false };
    if (!(error instanceof BuildMachinesError)) throw error;
    if (error instanceof HubUnreachableError) return { url, answering: false };
    return { url, answering: true, problem: error.message };
  }
}

function hubText({ url, answering, listed, missing = [], problem }: HubStatus): string {
  const parts = [url, answers(answering)];
  if (problem !== undefined) parts.push(`its catalog cannot be read: ${problem}`);
  if (listed !== undefined) parts.push(listed ? 'lists this machine' : 'DOES NOT LIST this machine');
  if (missing.length > 0) parts.push(`has no ${missing.join(', ')}`);
  return parts.join(', ');
}

/** The status as lines of `name  value`, for people. */
export function statusLines(status: MachineStatus): string {
  const { report, relay, hub, bridge, machine, tunnel } = status;
  const rows: [string, string][] = [
    ['bridge', bridge],
    ...(relay === null
      ? []
      : [['relay', `port ${relay.port}, ${answers(relay.answering)}`] satisfies [string, string]]),
    ...(hub === null ? [] : [['hub', hubText(hub)] satisfies [string, string]]),
    ...(report === null
      ? [['machine', `never brought up; nx run ${machine}:up`] satisfies [string, string]]
      : [...wayRows(report, tunnel), ...agentRows(report), ...problemRows(report)]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)} ${value}\n`).join('');
}

/** None where nobody knows the way, because the machine is not up. */
function wayRows({ sshHost, sshPort, listening, sshOk }: MachineReport, tunnel: boolean): [string, string][] {
  if (sshPort === 0) return [];
  return [
    [tunnel ? 'tunnel' : 'address', `${sshHost}:${sshPort}, ${listening ? (tunnel ? 'up' : 'answers') : 'down'}`],
    ['ssh', sshOk ? 'works, host key as pinned' : 'fails'],
  ];
}

function agentRows({ agent, latencyMs }: MachineReport): [string, string][] {
  if (agent === null) return [];
  const { slots, hub } = agent;
  // By the machine's own clock, which the time of the heartbeat is of too.
  const heartbeat = hub.lastHeartbeatAt === null ? 'none yet' : ago(hub.lastHeartbeatAt, Date.parse(agent.now));
  return [
    ['agent', `${agent.version} on ${agent.hostname}${latencyMs === null ? '' : `, ${latencyMs.toFixed(0)} ms`}`],
    [
      'registered',
      hub.state === 'disabled'
        ? 'no: it has no tunnel to a hub'
        : `${hub.state}, last heartbeat ${heartbeat}${hub.detail === null ? '' : ` (${hub.detail})`}`,
    ],
    ['toolchains', agent.tools.map(({ tool, version }) => `${tool} ${version}`).join(', ') || 'none'],
    ['work', `${slots.busy} of ${slots.total} slots busy, ${slots.queued} waiting; load ${agent.load.toFixed(2)}`],
    ['disk', `${prettyBytes(agent.diskFreeBytes)} free`],
  ];
}

function problemRows({ error }: MachineReport): [string, string][] {
  if (error === null) return [];
  return [['problem', `${error.message}${error.hint === '' ? '' : `\n            → ${error.hint}`}`]];
}

function answers(answering: boolean): string {
  return answering ? 'answers' : 'DOES NOT ANSWER';
}
