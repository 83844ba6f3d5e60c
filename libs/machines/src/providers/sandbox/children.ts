import type { ChildSpec } from '../../supervision/child-spec.js';
import { autosshArguments, autosshEnvironment } from '../../tunnel/autossh-command.js';
import type { WorkstationAccount } from '../../state/account.js';
import type { SandboxLayout } from './layout.js';
import type { SandboxRecord } from './sandbox-record.js';

/** Names of a sandbox's children, in the order in which they start. */
export const SANDBOX_CHILDREN = ['sshd', 'agent', 'tunnel'] as const;

/** PATH of a sandbox's programs. Runs get one of their own from the agent; see agent/src/runs/run-environment.ts. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The three programs that a sandbox consists of. */
export function sandboxChildren(options: {
  readonly layout: SandboxLayout;
  readonly ports: Pick<SandboxRecord, 'sshdPort' | 'forwardPort'>;
  readonly tunnelPort: number;
  readonly relay: { readonly host: string; readonly port: number; readonly user: string; readonly hostKey: string };
  readonly hub: { readonly host: string; readonly port: number };
  readonly account: WorkstationAccount;
  readonly programs: { readonly sshd: string; readonly ssh: string; readonly autossh: string; readonly node: string };
  /** Contents that the programs read when they start. */
  readonly configuration: { readonly sshd: string; readonly agent: string };
}): ChildSpec[] {
  const { layout, ports, account, programs, configuration, relay, hub } = options;
  const env = {
    HOME: layout.home,
    PATH: SYSTEM_PATH,
    USER: account.user,
    LOGNAME: account.user,
    LANG: 'C.UTF-8',
  };
  return [
    {
      name: 'sshd',
      command: programs.sshd,
      args: ['-D', '-e', '-f', layout.sshdConfig],
      env,
      cwd: '/',
      configuration: configuration.sshd,
      endDescendants: true,
    },
    {
      name: 'agent',
      command: programs.node,
      args: [layout.agentBundle, 'serve', '--config', layout.agentConfig],
      env,
      cwd: layout.home,
      configuration: configuration.agent,
      // It ends its runs first.
      graceMs: 15_000,
    },
    {
      name: 'tunnel',
      command: programs.autossh,
      args: autosshArguments({
        relay,
        identityFile: layout.tunnelKey,
        knownHostsFile: layout.relayKnownHosts,
        reverse: { port: options.tunnelPort, toHost: '127.0.0.1', toPort: ports.sshdPort },
        forward: { port: ports.forwardPort, toHost: hub.host, toPort: hub.port },
      }),
      env: { ...env, ...autosshEnvironment(programs.ssh) },
      cwd: '/',
      configuration: relay.hostKey,
    },
  ];
}
