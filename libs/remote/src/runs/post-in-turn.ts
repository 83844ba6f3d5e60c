import { PROTOCOL_VERSION, RUN_REQUEST_CONTENT_TYPE, SyncStage, type RunRequest } from '@build-machines/protocol';
import type { Readable } from 'node:stream';
import type { AgentResponse, AgentTransport } from '../connection/agent-transport.js';
import { contentBody } from '../sync/content-body.js';
import { sourceDisk } from '@build-machines/sources';
import { rememberList } from '../workspace-state/known-lists.js';
import { workspaceState } from '../workspace-state/workspace-state.js';
import { inTurn } from './turn.js';
import type { SourceList } from './source-list.js';
import type { Submission } from './submission.js';
import { contentBytes, type SyncPlan } from './sync-plan.js';

/** One request and its answer. */
export interface Posted {
  readonly plan: SyncPlan;
  readonly response: AgentResponse;
  readonly sent: { readonly files: number; readonly bytes: number };
  readonly body: Readable;
}

/**
 * Posts a run in this process's turn where it has contents to send, until the machine has received them; at once where
 * it has none. A session is answered only when its sync was applied, however long other runs take, so it has no turn.
 */
export async function postInTurn(
  transport: AgentTransport,
  path: string,
  submission: Submission,
  from: { plan: SyncPlan; refine: (hasWaited: boolean) => Promise<SyncPlan> },
): Promise<Posted> {
  const { workspaceRoot, machine, onProgress, signal } = submission;
  const act = async (plan: SyncPlan) => {
    const posted = await post(transport, path, submission, plan);
    const stage = SyncStage.safeParse(posted.response.headers['x-sync']);
    if (posted.response.status === 200 && stage.success) await recordSent(submission, plan.list);
    return posted;
  };
  if (from.plan.contents.length === 0) return act(from.plan);
  if (path !== '/v1/runs') return act(await from.refine(false));
  return inTurn(
    workspaceState(workspaceRoot).sendingFile(machine),
    async (hasWaited) => act(await from.refine(hasWaited)),
    {
      signal,
      onWait: () => {
        onProgress({ type: 'waiting-to-send', machine });
      },
    },
  );
}

/** Notes that the machine remembers a list now, for the next sender. */
export async function recordSent(submission: Submission, list: SourceList): Promise<void> {
  const { workspaceRoot, machine, workspace, command } = submission;
  await rememberList(workspaceState(workspaceRoot), machine, workspace.id, command.label, list);
}

async function post(transport: AgentTransport, path: string, submission: Submission, plan: SyncPlan): Promise<Posted> {
  const { workspace, command, lease, client, deadClients, join, workspaceRoot, onProgress, signal } = submission;
  const header: RunRequest = {
    ...{ protocol: PROTOCOL_VERSION, workspace, sync: plan.sync, command, lease, client, join },
    ...(deadClients !== undefined && { deadClients: [...deadClients] }),
  };
  const bytes = contentBytes(plan);
  const { contents } = plan;
  onProgress({ type: 'sending', files: contents.length, bytes, removed: plan.sync.removed.length, contents });
  const body = contentBody(header, contents, workspaceRoot, sourceDisk);
  body.stream.once('end', () => submission.onSent?.());
  const headers = { 'content-type': RUN_REQUEST_CONTENT_TYPE };
  const response = await transport.request({ method: 'POST', path, headers, body: body.stream, signal });
  return { plan, response, sent: body.sent, body: body.stream };
}
