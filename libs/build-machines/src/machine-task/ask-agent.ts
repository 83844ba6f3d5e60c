import type { StateFolder } from '@build-machines/machines';
import type { AgentInfo } from '@build-machines/protocol';
import { agentConnector, agentInfo } from '@build-machines/remote';

/** Asks a machine's agent what it is and has. */
export async function askAgent(state: StateFolder, name: string, signal?: AbortSignal): Promise<AgentInfo> {
  const transport = await agentConnector(state, name)({ signal });
  try {
    return await agentInfo(transport, name, signal);
  } finally {
    transport.close();
  }
}
