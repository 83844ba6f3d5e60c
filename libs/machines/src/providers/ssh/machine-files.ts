import type { MachineDefinition } from '@build-machines/protocol';
import { posix } from 'node:path';
import { knownHostsLine, RELAY_ALIAS } from '../../tunnel/autossh-command.js';
import type { SupervisorConfig } from '../sandbox/supervisor-config.js';
import type { HostFacts } from './host-facts.js';
import type { HostFile } from './host-files.js';
import { unitName, type HostLayout } from './host-layout.js';
import type { HostTunnel } from './host-up.js';
import type { HostProgram } from './programs.js';
import { unitText } from './units.js';

/** All files of a machine in its folder on the host. */
export function machineFiles(options: {
  readonly definition: Pick<MachineDefinition, 'name' | 'slots' | 'labels'>;
  readonly layout: HostLayout;
  readonly facts: HostFacts;
  readonly programs: readonly HostProgram[];
  readonly tunnel: Pick<HostTunnel, 'relay' | 'hub'> | null;
  readonly forwardPort: number;
  readonly tunnelPort: number;
  readonly agentBundle: Buffer;
  /** Null: systemd keeps the programs running. */
  readonly supervisorBundle: Buffer | null;
}): HostFile[] {
  const { layout, tunnel, agentBundle, supervisorBundle } = options;
  return [
    { path: layout.agentBundle, content: agentBundle, mode: 0o600 },
    { path: layout.agentConfig, content: json(agentConfig(options)), mode: 0o600 },
    ...(tunnel === null
      ? []
      : [
          { path: layout.token, content: `${tunnel.hub.token}\n`, mode: 0o600 },
          { path: layout.relayKnownHosts, content: knownHostsLine(RELAY_ALIAS, tunnel.relay.hostKey), mode: 0o600 },
        ]),
    ...(supervisorBundle === null
      ? []
      : [
          { path: layout.supervisorBundle, content: supervisorBundle, mode: 0o600 },
          { path: layout.supervisorConfig, content: json(supervisorConfig(options)), mode: 0o600 },
        ]),
  ];
}

/** The units of a machine by name; null for one that a machine of this kind has not. */
export function machineUnits(
  name: string,
  programs: readonly HostProgram[],
  init: 'system' | 'user',
  user: string,
): Record<string, string | null> {
  const text = (part: HostProgram['part']): string | null => {
    const program = programs.find((candidate) => candidate.part === part);
    return program === undefined ? null : unitText(program, init === 'system' ? { kind: init, user } : { kind: init });
  };
  return { [unitName('agent', name)]: text('agent'), [unitName('tunnel', name)]: text('tunnel') };
}

/** `AgentConfig` in agent/src/config. Runs have the account's home folder: its compilers, and cabal's store. */
function agentConfig({
  definition,
  layout,
  facts,
  tunnel,
  forwardPort,
  tunnelPort,
}: Parameters<typeof machineFiles>[0]): Record<string, unknown> {
  return {
    name: definition.name,
    stateDir: layout.agentState,
    socket: layout.agentSocket,
    home: facts.home,
    slots: definition.slots,
    labels: definition.labels,
    hub:
      tunnel === null
        ? null
        : {
            url: `http://127.0.0.1:${forwardPort}${tunnel.hub.path}`,
            tokenFile: layout.token,
            tunnelPort,
            catalog: tunnel.hub.catalog,
          },
  };
}

function supervisorConfig({
  definition,
  layout,
  facts,
  programs,
}: Parameters<typeof machineFiles>[0]): SupervisorConfig {
  const { supervisor } = layout;
  return {
    version: 1,
    name: definition.name,
    instanceFile: posix.join(supervisor, 'instance.json'),
    logFile: posix.join(supervisor, 'supervisor.log'),
    folder: supervisor,
    children: programs.map(({ part, command, args, env }) => ({
      ...{ name: part, command, args: [...args], env: { ...env }, cwd: layout.root },
      // It ends its runs first.
      ...(part === 'agent' ? { graceMs: 15_000 } : {}),
    })),
    bridge: null,
    self: {
      command: facts.node?.path ?? 'node',
      args: [layout.supervisorBundle, layout.supervisorConfig],
      env: { HOME: facts.home, PATH: facts.path, LANG: 'C.UTF-8' },
      cwd: layout.root,
    },
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
