import { MissingBlobsAnswer, RemoteReportedError } from '@build-machines/protocol';
import { z } from 'zod';
import { postJson, reportedError } from '../connection/agent-answer.js';
import type { AgentResponse, AgentTransport } from '../connection/agent-transport.js';
import { FileChangedWhileSentError, SourceChangingError } from '@build-machines/sources';
import { baseLists } from './base-lists.js';
import { postInTurn } from './post-in-turn.js';
import { SyncNotConvergingError } from './run-errors.js';
import type { SourceList } from './source-list.js';
import type { Submission } from './submission.js';
import { contentBytes, planNothing, planSync, withContents, type SyncPlan } from './sync-plan.js';

/** An accepted request. */
export interface Submitted {
  readonly response: AgentResponse;
  readonly list: SourceList;
  readonly sync: SyncFigures;
}

/** What a sync cost. */
export interface SyncFigures {
  readonly filesScanned: number;
  /** Files whose content had to be read, because it changed since any earlier scan. */
  readonly filesHashed: number;
  /** Contents that crossed the wire, also with requests that were refused, and their bytes before compression. */
  readonly filesSent: number;
  readonly bytesSent: number;
  readonly filesRemoved: number;
}

/** A file may change this often while it is sent before that is an error. */
const CHANGES_ALLOWED = 3;
/** The agent may ask for more this often; each time it learns something, so more means that something is wrong. */
const ROUNDS = 4;
/** Above this many bytes it pays to ask first which contents the machine has (from another branch or workspace). */
const ASK_ABOVE_BYTES = 256 * 1024;

/**
 * Lists the sources and posts them with the command: one request in the usual case. What the agent lacks is sent after; a
 * file that changes while it is sent is listed and sent again. Of several processes that submit runs of one workspace
 * to one machine, one at a time sends contents, and what they have in common is sent once; see
 * docs/decisions/0020-one-sender-at-a-time.md.
 * @param path `/v1/runs` or `/v1/sessions`
 * @throws the classes in sync-errors.ts; RemoteReportedError for the agent's refusals; the transport's errors.
 */
export async function submit(transport: AgentTransport, path: string, submission: Submission): Promise<Submitted> {
  for (let changes = 1; ; changes++) {
    try {
      return await submitOnce(transport, path, submission);
    } catch (error) {
      const changed = changedPath(error);
      if (changed === undefined) throw error;
      if (changes >= CHANGES_ALLOWED) throw new SourceChangingError(changed, changes);
    }
  }
}

function changedPath(error: unknown): string | undefined {
  if (error instanceof FileChangedWhileSentError) return error.path;
  if (!(error instanceof RemoteReportedError) || error.code !== 'content-changed') return undefined;
  return typeof error.details?.['path'] === 'string' ? error.details['path'] : 'a file';
}

async function submitOnce(transport: AgentTransport, path: string, submission: Submission): Promise<Submitted> {
  const list = await takeStock(submission);
  const renewed = async (hasWaited: boolean): Promise<SyncPlan> => {
    const bases = await baseLists(submission, list.digest);
    const plan = bases.hasTarget ? planNothing(list) : planSync(list, bases.lists);
    const pays = hasWaited || !bases.hasOwn || contentBytes(plan) > ASK_ABOVE_BYTES;
    return pays ? onlyMissing(transport, submission, plan) : plan;
  };
  let plan = submission.join === true ? planNothing(list) : await firstPlan(submission, list);
  let last = '';
  let filesSent = 0;
  let bytesSent = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const earlier = plan;
    const refine = (hasWaited: boolean): Promise<SyncPlan> => {
      if (round === 0) return renewed(hasWaited);
      return hasWaited ? onlyMissing(transport, submission, earlier) : Promise.resolve(earlier);
    };
    const posted = await postInTurn(transport, path, submission, { plan, refine });
    plan = posted.plan;
    const { response, sent, body } = posted;
    filesSent += sent.files;
    bytesSent += sent.bytes;
    if (response.status === 200)
      return {
        response,
        list,
        sync: {
          filesScanned: list.filesScanned,
          filesHashed: list.filesHashed,
          filesSent,
          bytesSent,
          filesRemoved: plan.sync.removed.length,
        },
      };
    const error = await reportedError(submission.machine, response).catch((unreadable: unknown) => {
      // An upload that broke off on our side, because a file changed, cuts the agent's answer off as well.
      throw body.errored ?? unreadable;
    });
    if (!(error instanceof RemoteReportedError) || response.status !== 409) throw error;
    last = error.code;
    const next = await replan(transport, submission, { plan, list, error });
    if (next === undefined) throw error;
    plan = next;
  }
  throw new SyncNotConvergingError(submission.machine, last);
}

async function takeStock({ sources, onProgress, signal }: Submission): Promise<SourceList> {
  const started = performance.now();
  const list = await sources(signal);
  const milliseconds = performance.now() - started;
  onProgress({ type: 'scanned', files: list.filesScanned, hashed: list.filesHashed, milliseconds });
  return list;
}

async function firstPlan(submission: Submission, list: SourceList): Promise<SyncPlan> {
  const { hasTarget, lists } = await baseLists(submission, list.digest);
  return hasTarget ? planNothing(list) : planSync(list, lists);
}

const Mismatch = z.object({ have: z.array(z.string()) });
const Missing = z.object({ missing: z.array(z.string()).min(1) });

/** The next attempt after a 409; undefined for a conflict that no sending can solve. */
async function replan(
  transport: AgentTransport,
  submission: Submission,
  { plan, list, error }: { plan: SyncPlan; list: SourceList; error: RemoteReportedError },
): Promise<SyncPlan | undefined> {
  if (error.code === 'base-mismatch') {
    const { hasTarget, lists } = await baseLists(submission, list.digest, Mismatch.parse(error.details).have);
    return hasTarget ? planNothing(list) : onlyMissing(transport, submission, planSync(list, lists));
  }
  if (error.code !== 'content-missing') return undefined;
  const { missing } = Missing.parse(error.details);
  return withContents(plan, new Set([...plan.contents.map(({ sha256 }) => sha256), ...missing]));
}

/** Drops the contents that the machine has already, in whatever mirror of this user. */
async function onlyMissing(transport: AgentTransport, submission: Submission, plan: SyncPlan): Promise<SyncPlan> {
  if (plan.contents.length === 0) return plan;
  const { missing } = await postJson(transport, submission.machine, {
    path: '/v1/blobs/missing',
    json: { workspace: submission.workspace, digests: plan.contents.map(({ sha256 }) => sha256) },
    schema: MissingBlobsAnswer,
    signal: submission.signal,
  });
  return withContents(plan, new Set(missing));
}
