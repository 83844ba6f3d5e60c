import { SessionTicket } from '@build-machines/protocol';
import { readAnswer } from '../connection/agent-answer.js';
import type { AgentTransport } from '../connection/agent-transport.js';
import { submit, type Submission, type SyncFigures } from '../runs/submit.js';
import { recordKnownScope } from '../workspace-state/known-manifest.js';
import { workspaceState } from '../workspace-state/workspace-state.js';

/**
 * Brings the mirror to the workspace's state and has the agent prepare a command in it.
 * @returns what to run over an exec channel, and what the sync cost. A ticket that is not used expires.
 */
export async function prepareSession(
  transport: AgentTransport,
  submission: Submission,
): Promise<{ ticket: SessionTicket; sync: SyncFigures }> {
  const { response, scan, sync } = await submit(transport, '/v1/sessions', submission);
  const ticket = await readAnswer(submission.machine, response, SessionTicket);
  const { workspaceRoot, machine, workspace } = submission;
  await recordKnownScope(workspaceState(workspaceRoot), machine, workspace.id, scan);
  return { ticket, sync };
}
