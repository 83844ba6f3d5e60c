import { hasErrorCode, type StateFolder } from '@build-machines/machines';
import type { AgentInfo } from '@build-machines/protocol';
import { agentConnector, agentInfo } from '@build-machines/remote';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentStaysDownError } from './machine-task-errors.js';

/** Pause between two questions to an agent that was only just started, in milliseconds. */
const PAUSE_MS = 500;

/** How long an agent that was only just started may take to listen, in milliseconds. */
const AGENT_WITHIN = 15_000;

/** How an agent is waited for. */
export interface AgentPatience {
  /** Default 15,000 ms. */
  readonly withinMs?: number;
  /** Default {@link askAgent}. */
  readonly ask?: typeof askAgent;
  readonly signal?: AbortSignal;
}

/** Asks a machine's agent what it is and has. */
export async function askAgent(state: StateFolder, name: string, signal?: AbortSignal): Promise<AgentInfo> {
  const transport = await agentConnector(state, name)({ signal });
  try {
    return await agentInfo(transport, name, signal);
  } finally {
    transport.close();
  }
}

/**
 * As {@link askAgent}, for an agent that may not listen yet: it looks for compilers first.
 * @throws AgentStaysDownError when it does not listen in time; at once whatever else `askAgent` throws.
 */
export async function askAgentPatiently(
  state: StateFolder,
  name: string,
  { withinMs = AGENT_WITHIN, ask = askAgent, signal }: AgentPatience = {},
): Promise<AgentInfo> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await ask(state, name, signal);
    } catch (error) {
      // By its code, because the bridge reports it as an error of another class.
      if (!hasErrorCode(error, 'agent-down')) throw error;
      if (performance.now() >= deadline) throw new AgentStaysDownError(name, withinMs, error);
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}
