import type { Tunnel } from '../../tunnel/autossh-command.js';
import { autosshArguments, autosshEnvironment } from '../../tunnel/autossh-command.js';
import type { HostFacts } from './host-facts.js';
import type { HostLayout } from './host-layout.js';

/** A program that must always run on the host. */
export interface HostProgram {
  readonly part: 'agent' | 'tunnel';
  readonly description: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Agent and, with a tunnel, autossh. */
export function hostPrograms(
  facts: HostFacts,
  layout: HostLayout,
  tunnel: Omit<Tunnel, 'identityFile' | 'knownHostsFile'> | null,
): HostProgram[] {
  const env = { HOME: facts.home, USER: facts.user, LOGNAME: facts.user, PATH: facts.path, LANG: 'C.UTF-8' };
  const agent: HostProgram = {
    part: 'agent',
    description: 'Build agent: runs builds and registers with the State Hub',
    command: facts.node?.path ?? 'node',
    args: [layout.agentBundle, 'serve', '--config', layout.agentConfig],
    env,
  };
  if (tunnel === null) return [agent];
  return [
    agent,
    {
      part: 'tunnel',
      description: "Reverse tunnel from this build machine to the workstation's relay",
      command: facts.autossh ?? 'autossh',
      args: autosshArguments({
        ...tunnel,
        identityFile: layout.tunnelKey,
        knownHostsFile: layout.relayKnownHosts,
      }),
      env: { ...env, ...autosshEnvironment(facts.ssh ?? 'ssh', 30) },
    },
  ];
}
