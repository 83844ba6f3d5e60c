import { SessionTicket } from '@build-machines/protocol';
import { readAnswer } from '../connection/agent-answer.js';
import type { AgentTransport } from '../connection/agent-transport.js';
import type { Submission } from '../runs/submission.js';
import { submit } from '../runs/submit.js';
import type { Scan } from '../runs/scoped-scan.js';
import { recordKnownScope } from '../workspace-state/known-manifest.js';
import { workspaceState } from '../workspace-state/workspace-state.js';

/**
 * Brings the mirror to the workspace's state and has the agent prepare a command in it.
 * @returns what to run over an exec channel, and what was synced. A ticket that is not used expires.
 */
export async function prepareSession(
  transport: AgentTransport,
  submission: Submission,
): Promise<{ ticket: SessionTicket; scan: Scan }> {
  const { response, scan } = await submit(transport, '/v1/sessions', submission);
  const ticket = await readAnswer(submission.machine, response, SessionTicket);
  const { workspaceRoot, machine, workspace } = submission;
  await recordKnownScope(workspaceState(workspaceRoot), machine, workspace.id, scan);
  return { ticket, scan };
}
