import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { bridgeStatus, type MachineReport } from '@build-machines/remote';
import prettyBytes from 'pretty-bytes';
import { ago } from '../reporting/durations.js';

/** How one machine is: what the bridge and the machine's own agent say. */
export interface MachineStatus {
  readonly machine: string;
  /** Whether the machine connects out to here; else it is reached where it is. */
  readonly tunnel: boolean;
  readonly bridge: 'running' | 'not running';
  readonly relay: { readonly port: number; readonly answering: boolean } | null;
  readonly hub: { readonly url: string; readonly answering: boolean } | null;
  /** Null: the machine was never brought up from this workstation. */
  readonly report: MachineReport | null;
  /** Whether everything that a build needs works. */
  readonly ok: boolean;
}

/** Looks at a machine through the bridge, or directly where no bridge runs; starts nothing. */
export async function machineStatus(
  { definition }: Pick<LoadedMachine, 'definition'>,
  state: StateFolder,
  signal: AbortSignal,
): Promise<MachineStatus> {
  const status = await bridgeStatus(state, signal);
  const machines = status.running ? status.report.machines : status.machines;
  const report = machines.find(({ name }) => name === definition.name) ?? null;
  return {
    machine: definition.name,
    tunnel: definition.tunnel,
    bridge: status.running ? 'running' : 'not running',
    relay: status.running ? { port: status.report.relay.port, answering: status.report.relay.answering } : null,
    hub: status.running ? status.report.hub : null,
    report,
    ok: status.running && report?.agent != null,
  };
}

/** The status as lines of `name  value`, for people. */
export function statusLines(status: MachineStatus): string {
  const { report, relay, hub, bridge, machine, tunnel } = status;
  const rows: [string, string][] = [
    ['bridge', bridge],
    ...(relay === null
      ? []
      : [['relay', `port ${relay.port}, ${answers(relay.answering)}`] satisfies [string, string]]),
    ...(hub === null ? [] : [['hub', `${hub.url}, ${answers(hub.answering)}`] satisfies [string, string]]),
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
