import type { ResolvedToolchain, RunRequest } from '@build-machines/protocol';
import { LiveRun } from './live-run.js';
import type { RunContext } from './run-context.js';
import { RunLog } from './run-log.js';
import type { RunRecord } from './run-record.js';

/** Puts a run on record and begins its log: from now on it outlives the request. */
export async function acceptRun(
  { folders, config, now }: RunContext,
  accepted: {
    readonly runId: string;
    readonly request: RunRequest;
    readonly toolchain: ResolvedToolchain;
    /** Tells this attempt from others of the same identity. */
    readonly cookie: string;
    readonly mirrorRoot: string;
  },
): Promise<LiveRun> {
  const { runId, request, toolchain, cookie, mirrorRoot } = accepted;
  await folders.create(runId, cookie);
  const log = await RunLog.create(folders.logFile(runId), config.limits.logBytes);
  const record: RunRecord = {
    version: 1,
    runId,
    cookie,
    label: request.command.label,
    workspace: request.workspace,
    state: 'syncing',
    queuedAt: now().toISOString(),
    startedAt: null,
    toolchain,
    process: null,
    result: null,
  };
  const run = new LiveRun(record, request.command, log, folders, config.detachedSeconds * 1000);
  run.askedFor(request);
  await log.append({ type: 'accepted', runId, mirrorRoot, toolchain });
  await run.enter('syncing');
  return run;
}
