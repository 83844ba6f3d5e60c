import { type LoadedMachine, readMachineLock, resolveMachineAccess, type StateFolder } from '@build-machines/machines';
import type { AgentInfo } from '@build-machines/protocol';
import prettyBytes from 'pretty-bytes';
import { askAgent } from './ask-agent.js';

/** What a machine is by definition, and by its own account. */
export interface MachineDescription {
  readonly name: string;
  readonly provider: string;
  /** Where its SSH answers: the end of its tunnel here, or the host itself. */
  readonly address: { readonly host: string; readonly port: number };
  readonly lock: unknown;
  readonly agent: AgentInfo;
}

/** Describes a machine that is up. @throws the classes of connection-errors.ts when it is not. */
export async function describeMachine(
  machine: LoadedMachine,
  state: StateFolder,
  signal: AbortSignal,
): Promise<MachineDescription> {
  const { name, provider } = machine.definition;
  const agent = await askAgent(state, name, signal);
  const { sshHost: host, sshPort: port } = await resolveMachineAccess(state, name);
  return { name, provider, address: { host, port }, lock: await readMachineLock(machine, state), agent };
}

/** The description as lines of `name  value`, for people. */
export function descriptionLines({ name, provider, address, agent }: MachineDescription): string {
  const rows: [string, string][] = [
    ['name', name],
    ['provider', provider],
    ['address', `${address.host}:${address.port}`],
    ['host', `${agent.hostname}, ${agent.os}, ${agent.arch}`],
    [
      'resources',
      `${agent.cpus} CPUs, ${prettyBytes(agent.memoryBytes)} memory, ${prettyBytes(agent.diskFreeBytes)} disk free`,
    ],
    ['slots', `${agent.slots.total}`],
    ['home', agent.home],
    ['identity', agent.machineId],
    ...agent.tools.map(({ tool, version, path }): [string, string] => [tool, `${version}  ${path}`]),
  ];
  return rows.map(([key, value]) => `${key.padEnd(11)} ${value}\n`).join('');
}
