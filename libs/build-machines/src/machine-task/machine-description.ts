import { type LoadedMachine, readMachineLock, type StateFolder } from '@build-machines/machines';
import type { AgentInfo } from '@build-machines/protocol';
import prettyBytes from 'pretty-bytes';
import { askAgent } from './ask-agent.js';

/** What a machine is by definition, and by its own account. */
export interface MachineDescription {
  readonly name: string;
  readonly provider: string;
  readonly port: number;
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
  return { name, provider, port: machine.port, lock: await readMachineLock(machine.folder), agent };
}

/** The description as lines of `name  value`, for people. */
export function descriptionLines({ name, provider, port, agent }: MachineDescription): string {
  const rows: [string, string][] = [
    ['name', name],
    ['provider', provider],
    ['address', `127.0.0.1:${port}`],
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
