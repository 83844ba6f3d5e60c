import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { BuildMachinesError, ErrorBody, RemoteReportedError } from '@build-machines/protocol';
import { SessionCommand } from './sessions.js';

/** The agent's socket does not answer. */
export class AgentUnreachableError extends BuildMachinesError {
  readonly code = 'agent-unreachable';
  constructor(socket: string, cause: unknown) {
    super(`The build agent does not answer at ${socket}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: 'See on the machine: systemctl status build-agent; journalctl -u build-agent.',
      cause,
    });
  }
}

/**
 * Takes a prepared session from the agent.
 * @throws AgentUnreachableError, RemoteReportedError (`session-unknown`)
 */
export async function claimSession(sessionId: string, socket: string): Promise<SessionCommand> {
  const asking = request({
    socketPath: socket,
    method: 'POST',
    path: `/v1/sessions/${encodeURIComponent(sessionId)}/claim`,
  });
  asking.end();
  let answer: IncomingMessage;
  try {
    [answer] = (await once(asking, 'response')) as [IncomingMessage];
  } catch (error) {
    throw new AgentUnreachableError(socket, error);
  }
  const body: unknown = await json(answer);
  if (answer.statusCode === 200) return SessionCommand.parse(body);
  throw new RemoteReportedError(ErrorBody.parse(body), answer.statusCode);
}
