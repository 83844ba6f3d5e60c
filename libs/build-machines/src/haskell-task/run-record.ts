import { RemoteReportedError } from '@build-machines/protocol';
import {
  isPassingFailure,
  type Place,
  recordRun,
  type RemoteRun,
  type RunRecorder,
  type RunRecording,
} from '@build-machines/remote';
import type { RunFinish } from '@build-machines/state-hub';
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { GitState } from '../placing/git-state.js';
import type { TaskGroup } from './task-groups.js';

/** What people call a group: the ids of its tasks. */
export function groupLabel(group: TaskGroup): string {
  return group
    .map(({ taskId }) => taskId)
    .join(' ')
    .slice(0, 512);
}

/** Begins the record of a group's run at the hub. */
export function startRecording(
  recorder: RunRecorder,
  run: {
    readonly group: TaskGroup;
    readonly place: Pick<Place, 'machine' | 'lease'>;
    readonly user: string | undefined;
    readonly workspaceRoot: string;
    readonly ghc: string | undefined;
    readonly sources: Promise<GitState>;
  },
): RunRecording {
  const { group, place, user, workspaceRoot, ghc, sources } = run;
  return recordRun(
    recorder,
    sources.then((git) => ({
      id: randomUUID(),
      label: groupLabel(group),
      project: shared(group.map(({ project }) => project)),
      target: shared(group.map(({ target }) => target)),
      machine: place.machine,
      lease_id: place.lease?.id ?? null,
      user,
      workspace: basename(workspaceRoot),
      ghc: ghc ?? null,
      ...git,
      branch: git.branch?.slice(0, 256) ?? null,
    })),
  );
}

/** A group of several projects has no project. */
function shared([first, ...others]: readonly string[]): string | null {
  return first !== undefined && others.every((other) => other === first) ? first.slice(0, 256) : null;
}

/** How a run ended, as the hub keeps it. Times in milliseconds. */
export function runFinish(
  { result, origin, sync }: RemoteRun,
  fetched: { readonly bytes: number; readonly milliseconds: number } = { bytes: 0, milliseconds: 0 },
): RunFinish {
  const { outcome, exitCode, signal, reason, durations, usage } = result;
  return {
    outcome,
    exit_code: exitCode,
    signal,
    reason: reason?.slice(0, 2048) ?? null,
    cache: origin === 'started' ? 'executed' : origin,
    durations_ms: { ...durations, fetch: Math.round(fetched.milliseconds) },
    files_sent: sync.filesSent,
    bytes_sent: sync.bytesSent,
    bytes_fetched: fetched.bytes,
    cpu_seconds: usage?.cpuSeconds ?? null,
    max_rss_bytes: usage?.maxRssBytes ?? null,
  };
}

/** How a run ended that an error brought to its end. A machine that refused it, for want of a compiler, is not lost. */
export function endedBy(error: unknown, signal: AbortSignal): Pick<RunFinish, 'outcome' | 'reason'> {
  const refused = error instanceof RemoteReportedError && !isPassingFailure(error);
  return { outcome: signal.aborted ? 'cancelled' : refused ? 'failed' : 'lost', reason: said(error) };
}

/** What a record says of an error. */
export function said(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 2048);
}
