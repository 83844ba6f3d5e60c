import { join } from 'node:path';
import type { MachineDefinition } from '@build-machines/protocol';
import type { HubEndpoint } from '../../definitions/hub-endpoint.js';
import type { WorkstationAccount } from '../../state/account.js';
import type { SandboxLayout } from './layout.js';

/**
 * The configuration of the sandbox's agent (`AgentConfig` in agent/src/config). Compilers are found where this computer
 * has them, also those that the user installed with GHCup or cabal in their own home folder.
 */
export function sandboxAgentConfig(options: {
  readonly layout: SandboxLayout;
  readonly definition: Pick<MachineDefinition, 'name' | 'slots' | 'labels'>;
  readonly forwardPort: number;
  readonly tunnelPort: number;
  readonly account: WorkstationAccount;
  readonly hub: Pick<HubEndpoint, 'path' | 'catalog'>;
}): Record<string, unknown> {
  const { layout, definition, forwardPort, tunnelPort, account, hub } = options;
  return {
    name: definition.name,
    stateDir: layout.agentState,
    socket: layout.agentSocket,
    home: layout.home,
    slots: definition.slots,
    labels: definition.labels,
    tools: {
      searchPaths: [
        join(account.home, '.ghcup', 'bin'),
        join(account.home, '.cabal', 'bin'),
        join(account.home, '.local', 'bin'),
      ],
    },
    hub: {
      url: `http://127.0.0.1:${forwardPort}${hub.path}`,
      tokenFile: layout.token,
      tunnelPort,
      catalog: hub.catalog,
    },
  };
}
