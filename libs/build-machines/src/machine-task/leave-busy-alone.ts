import {
  resolveMachineAccess,
  sandboxLayout,
  sandboxLogins,
  type LoadedMachine,
  type StateFolder,
} from '@build-machines/machines';
import {
  agentConnector,
  type AgentRequest,
  type AgentResponse,
  type AgentTransport,
  requestAtSocket,
  whileIdle,
} from '@build-machines/remote';
import { userInfo } from 'node:os';

/** What {@link leaveBusyAlone} is told. */
export interface ForceOptions {
  /** Whether the user asked for it although the machine is busy. */
  readonly forced: boolean;
  /** How: the option that errors name. Default: `--force`. */
  readonly forcedBy?: string;
  readonly signal?: AbortSignal;
}

/**
 * Makes a change of a machine that would end what it works on, while it works for nobody. Every target that stops,
 * restarts, changes or replaces a machine does so in here; see docs/decisions/0013-busy-is-left-alone.md.
 * @throws MachineBusyError, MachineSilentError; what the change throws.
 */
export async function leaveBusyAlone<T>(
  { definition }: Pick<LoadedMachine, 'definition'>,
  state: StateFolder,
  { forced, forcedBy = '--force', signal }: ForceOptions,
  change: () => Promise<T>,
): Promise<T> {
  const { name, provider } = definition;
  if (provider === 'sandbox') {
    const { agentSocket } = sandboxLayout(state, name);
    const ask = (request: AgentRequest): Promise<AgentResponse> => requestAtSocket(agentSocket, request);
    const others = () => sandboxLogins(state, name, userInfo().username);
    return whileIdle({ machine: name, ask, others, forced, forcedBy, signal }, change);
  }
  let transport: AgentTransport | undefined;
  const ask = async (request: AgentRequest): Promise<AgentResponse> => {
    await resolveMachineAccess(state, name);
    transport ??= await agentConnector(state, name)({ signal });
    return transport.request(request);
  };
  try {
    return await whileIdle({ machine: name, ask, forced, forcedBy, signal }, change);
  } finally {
    transport?.close();
  }
}
