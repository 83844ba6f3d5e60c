import {
  MissingBlobsAnswer,
  PROTOCOL_VERSION,
  RemoteReportedError,
  RUN_REQUEST_CONTENT_TYPE,
  type LeaseFence,
  type RunCommand,
  type RunRequest,
  type SyncScope,
  type TreeEntry,
  type WorkspaceIdentity,
} from '@build-machines/protocol';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { postJson, reportedError } from '../connection/agent-answer.js';
import type { AgentResponse, AgentTransport } from '../connection/agent-transport.js';
import { contentBody } from '../sync/content-body.js';
import { scanScope, type Scan } from '../sync/scan.js';
import { sourceFiles } from '../sync/source-files.js';
import { refuseEmptiedRoots } from '../sync/source-root.js';
import { FileChangedWhileSentError, SourceChangingError } from '../sync/sync-errors.js';
import { readKnownManifest } from '../workspace-state/known-manifest.js';
import { workspaceState } from '../workspace-state/workspace-state.js';
import { SyncNotConvergingError } from './run-errors.js';
import type { RunProgress } from './run-progress.js';
import { contentBytes, planComplete, planDifference, planNothing, withContents, type SyncPlan } from './sync-plan.js';

/** What is to be run where. */
export interface Submission {
  readonly workspaceRoot: string;
  readonly workspace: WorkspaceIdentity;
  readonly machine: string;
  readonly scope: SyncScope;
  readonly command: RunCommand;
  readonly lease?: LeaseFence;
  readonly onProgress: (progress: RunProgress) => void;
  /** Called when a request has been sent whole, so that the agent may act on it although no answer came. */
  readonly onSent?: () => void;
  readonly signal: AbortSignal;
}

/** An accepted request. */
export interface Submitted {
  readonly response: AgentResponse;
  readonly scan: Scan;
  readonly sync: SyncFigures;
}

/** What a sync cost. */
export interface SyncFigures {
  readonly filesScanned: number;
  /** Files whose content had to be read, because it changed since any earlier scan. */
  readonly filesHashed: number;
  /** Contents that crossed the wire, and their bytes before compression. */
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
 * Scans the scope and posts it with the command: one request in the usual case. What the agent lacks is sent after; a
 * file that changes while it is sent is scanned and sent again.
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
  const { scan, known } = await takeStock(submission);
  let plan = known === undefined ? planComplete(scan) : planDifference(scan, known);
  if (known === undefined || contentBytes(plan) > ASK_ABOVE_BYTES)
    plan = await onlyMissing(transport, submission, plan);
  let last = '';
  for (let round = 0; round < ROUNDS; round++) {
    const { response, sent, body } = await post(transport, path, submission, plan);
    if (response.status === 200)
      return {
        response,
        scan,
        sync: {
          filesScanned: scan.filesScanned,
          filesHashed: scan.filesHashed,
          filesSent: sent.files,
          bytesSent: sent.bytes,
          filesRemoved: plan.sync.removed.length,
        },
      };
    const error = await reportedError(submission.machine, response).catch((unreadable: unknown) => {
      // An upload that broke off on our side, because a file changed, cuts the agent's answer off as well.
      throw body.errored ?? unreadable;
    });
    if (!(error instanceof RemoteReportedError) || response.status !== 409) throw error;
    last = error.code;
    const next = await replan(transport, submission, { plan, scan, error });
    if (next === undefined) throw error;
    plan = next;
  }
  throw new SyncNotConvergingError(submission.machine, last);
}

async function takeStock(submission: Submission): Promise<{ scan: Scan; known: TreeEntry[] | undefined }> {
  const { workspaceRoot, machine, workspace, scope, onProgress, signal } = submission;
  const started = performance.now();
  const scan = await scanScope(workspaceRoot, scope, { signal });
  const state = workspaceState(workspaceRoot);
  const known = await readKnownManifest(state, machine, workspace.id);
  refuseEmptiedRoots(scan, known ?? [], { machine, knownManifestFile: state.knownManifestFile(machine) });
  const milliseconds = performance.now() - started;
  onProgress({ type: 'scanned', files: scan.filesScanned, hashed: scan.filesHashed, milliseconds });
  return { scan, known };
}

const Mismatch = z.object({ have: z.string().nullable() });
const Missing = z.object({ missing: z.array(z.string()).min(1) });

/** The next attempt after a 409; undefined for a conflict that no sending can solve. */
async function replan(
  transport: AgentTransport,
  submission: Submission,
  { plan, scan, error }: { plan: SyncPlan; scan: Scan; error: RemoteReportedError },
): Promise<SyncPlan | undefined> {
  if (error.code === 'base-mismatch') {
    const { have } = Mismatch.parse(error.details);
    return have === scan.digest ? planNothing(scan) : onlyMissing(transport, submission, planComplete(scan));
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

async function post(
  transport: AgentTransport,
  path: string,
  submission: Submission,
  plan: SyncPlan,
): Promise<{ response: AgentResponse; sent: { files: number; bytes: number }; body: Readable }> {
  const { workspace, command, lease, workspaceRoot, onProgress, signal } = submission;
  const header: RunRequest = { protocol: PROTOCOL_VERSION, workspace, sync: plan.sync, command, lease };
  const bytes = contentBytes(plan);
  const { contents } = plan;
  onProgress({ type: 'sending', files: contents.length, bytes, removed: plan.sync.removed.length, contents });
  const body = contentBody(header, contents, workspaceRoot, sourceFiles);
  body.stream.once('end', () => submission.onSent?.());
  const headers = { 'content-type': RUN_REQUEST_CONTENT_TYPE };
  const response = await transport.request({ method: 'POST', path, headers, body: body.stream, signal });
  return { response, sent: body.sent, body: body.stream };
}
