import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { succeeded } from './nx-output.js';
import { processesOf, type RunningProcess } from './processes.js';
import type { Ended } from './run-program.js';
import { buildMachines, nx, type NxOptions, type Workspace } from './workspace.js';
import type { Workstation } from './workstation.js';

/** Brings a machine up. */
export async function up(workspace: Workspace, machine = 'sandbox', options: NxOptions = {}): Promise<Ended> {
  return succeeded(await nx(workspace, ['run', `${machine}:up`], options));
}

/** Ends what {@link up} and the targets started: the machines, the bridge, and Nx's daemon where one was used. */
export async function shutDown(workspace: Workspace, machines: readonly string[] = ['sandbox']): Promise<void> {
  // By force: a test that failed may have left a run behind, which must not keep the machine up.
  for (const machine of machines) succeeded(await nx(workspace, ['run', `${machine}:down`, '--force']));
  await stopBridge(workspace);
  await nx(workspace, ['daemon', '--stop'], { daemon: true });
}

/** Ends the bridge: what is connected through it has to connect anew. */
export async function stopBridge(workspace: Workspace): Promise<void> {
  succeeded(await buildMachines(workspace, ['bridge', 'stop', '--force']));
}

/** The parts that a workstation and its sandbox machines consist of, each a process of its own. */
export type Part = 'bridge' | 'relay' | 'supervisor' | 'machine sshd' | 'autossh' | 'tunnel' | 'agent';

const commandOf: Record<Part, (workstation: Workstation) => RegExp> = {
  bridge: () => /\bbridge\.cjs\b/,
  relay: ({ state }) => new RegExp(`sshd .*${state}/relay/`),
  supervisor: () => /\bsandbox-supervisor\.cjs\b/,
  'machine sshd': ({ state }) => new RegExp(`sshd .*${state}/sandboxes/`),
  autossh: () => /^(\S*\/)?autossh /,
  tunnel: () => /^(\S*\/)?ssh .*-R/,
  agent: () => /\bbuild-agent\.cjs serve\b/,
};

/** The processes of a part that run now. */
export function processesOfPart(workstation: Workstation, part: Part): RunningProcess[] {
  const pattern = commandOf[part](workstation);
  return processesOf(workstation.root).filter(({ command }) => pattern.test(command));
}

/** The one process of a part. */
export function processOfPart(workstation: Workstation, part: Part): Promise<RunningProcess> {
  return eventually(`the ${part} runs`, () => processesOfPart(workstation, part)[0]);
}

/** The log of one run, as `remote-*` leaves it beside its manifest. */
export function runLog(workspace: Workspace, project: string, target: string): string {
  return readFileSync(join(workspace.root, 'dist/remote/.runs', project, target, 'log.txt'), 'utf8');
}

/** Ends all SSH connections to a sandbox; its sshd and its tunnel stay. Whoever needs one connects anew. */
export async function dropConnections({ workstation }: Workspace): Promise<void> {
  const sshd = await processOfPart(workstation, 'machine sshd');
  const connections = () => processesOf(workstation.root).filter(({ parent }) => parent === sshd.pid);
  for (const { pid } of connections()) process.kill(pid, 'SIGTERM');
  await eventually('all connections have ended', () => connections().length === 0);
}
