import { HUB_FORWARD_PORT } from '@build-machines/protocol';
import type { HubEndpoint } from '../definitions/hub-endpoint.js';

/** Where things are on a machine made from our image; see packer/scripts/steps and agent/systemd. */
export const MACHINE_AGENT = {
  socket: '/run/build-agent/agent.sock',
  stateDir: '/var/lib/build-agent',
  home: '/home/builder',
  tokenFile: '/etc/build-agent/hub-token',
} as const;

/** What the definition of a machine says for its agent. */
export interface AgentChoices {
  readonly slots: number;
  readonly labels: Readonly<Record<string, string>>;
  /** What of its hub the agent must know; the tunnel leads there. */
  readonly hub: Pick<HubEndpoint, 'path' | 'catalog'>;
}

/** The agent's configuration (`AgentConfig` in agent/src/config) on a machine made from our image. */
export function agentConfig(
  machine: string,
  { slots, labels, hub }: AgentChoices,
  tunnelPort: number,
): Record<string, unknown> {
  const { socket, stateDir, home, tokenFile } = MACHINE_AGENT;
  return {
    name: machine,
    stateDir,
    socket,
    home,
    slots,
    labels,
    hub: { url: `http://localhost:${HUB_FORWARD_PORT}${hub.path}`, tokenFile, tunnelPort, catalog: hub.catalog },
  };
}
