import { AgentInfo } from '@build-machines/protocol';
import { checkProtocol, expectSuccess, readJson } from './agent-answer.js';
import type { AgentTransport } from './agent-transport.js';
import { AgentAnswerError } from './connection-errors.js';

/**
 * Asks the agent what it is and has.
 * @throws ProtocolMismatchError when it is of another version; the transport's errors.
 */
export async function agentInfo(transport: AgentTransport, machine: string, signal?: AbortSignal): Promise<AgentInfo> {
  const response = await transport.request({ method: 'GET', path: '/v1/info', signal });
  await expectSuccess(machine, response);
  const answer = await readJson(machine, response);
  checkProtocol(machine, answer);
  const parsed = AgentInfo.safeParse(answer);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AgentAnswerError(machine, `/v1/info: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  return parsed.data;
}
