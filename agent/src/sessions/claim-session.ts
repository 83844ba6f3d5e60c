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

/** A session that is ours to run. */
export interface ClaimedSession {
  readonly command: SessionCommand;
  /** Gives the mirror back, which is ours for the preparations. It also is given back when this process ends. */
  release(): void;
}

/**
 * Takes a prepared session from the agent; waits for the mirror where it has preparations.
 * @throws AgentUnreachableError, RemoteReportedError (`session-unknown`)
 */
export async function claimSession(sessionId: string, socket: string): Promise<ClaimedSession> {
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
  if (answer.statusCode !== 200) throw new RemoteReportedError(ErrorBody.parse(await json(answer)), answer.statusCode);
  const line = await firstLine(answer).catch((error: unknown) => {
    throw new AgentUnreachableError(socket, error);
  });
  return { command: SessionCommand.parse(JSON.parse(line)), release: () => asking.destroy() };
}

/** The first line of an answer that stays open; how it ends later, by us or with the agent, is nobody's concern. */
function firstLine(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text);
    });
    answer.on('error', reject).on('end', () => {
      reject(new Error('it ended before it had answered'));
    });
  });
}
