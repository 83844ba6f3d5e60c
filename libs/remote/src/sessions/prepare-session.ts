import { SessionTicket } from '@build-machines/protocol';
import { readAnswer } from '../connection/agent-answer.js';
import type { AgentTransport } from '../connection/agent-transport.js';
import { recordSent } from '../runs/post-in-turn.js';
import type { SourceList } from '../runs/source-list.js';
import type { Submission } from '../runs/submission.js';
import { submit } from '../runs/submit.js';

/**
 * Brings the mirror to the workspace's state and has the agent prepare a command in it.
 * @returns what to run over an exec channel, and what was synced. A ticket that is not used expires.
 */
export async function prepareSession(
  transport: AgentTransport,
  submission: Submission,
): Promise<{ ticket: SessionTicket; list: SourceList }> {
  const { response, list } = await submit(transport, '/v1/sessions', submission);
  const ticket = await readAnswer(submission.machine, response, SessionTicket);
  await recordSent(submission, list);
  return { ticket, list };
}
