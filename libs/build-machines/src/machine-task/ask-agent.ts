import type { StateFolder } from '@build-machines/machines';
import { type AgentInfo, BuildMachinesError } from '@build-machines/protocol';
import { agentConnector, agentInfo } from '@build-machines/remote';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often an agent that was only just started is asked, and the pause in between, in milliseconds. */
const ATTEMPTS = 30;
const PAUSE_MS = 500;

/** Asks a machine's agent what it is and has. */
export async function askAgent(state: StateFolder, name: string, signal?: AbortSignal): Promise<AgentInfo> {
  const transport = await agentConnector(state, name)({ signal });
  try {
    return await agentInfo(transport, name, signal);
  } finally {
    transport.close();
  }
}

/** As {@link askAgent}, for an agent that may not listen yet: it looks for compilers first. */
export async function askAgentPatiently(state: StateFolder, name: string, signal?: AbortSignal): Promise<AgentInfo> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askAgent(state, name, signal);
    } catch (error) {
      if (!isAgentDown(error) || attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}

/** By its code, because the bridge reports it as an error of another class. */
function isAgentDown(error: unknown): boolean {
  return error instanceof BuildMachinesError && error.code === 'agent-down';
}
