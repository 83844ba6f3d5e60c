import { NOTHING_WRITTEN, runIdentity, treeDigest, type RunResult } from '@build-machines/protocol';
import type { Submission } from './submission.js';

/**
 * The result of a run whose own cannot be had. Its identity is that of the run, or, where the machine never told it, the
 * one that it would have without a toolchain.
 */
export function resultWithoutAgent(
  outcome: 'cancelled' | 'lost',
  reason: string,
  known: {
    readonly submission: Pick<Submission, 'workspace' | 'command'>;
    readonly runId: string | undefined;
    readonly treeDigest: string | undefined;
    readonly startedAt: Date;
  },
): RunResult {
  const { workspace, command } = known.submission;
  const digest = known.treeDigest ?? treeDigest([]);
  return {
    runId: known.runId ?? runIdentity(workspace, digest, command, {}),
    outcome,
    exitCode: null,
    signal: null,
    reason,
    startedAt: known.startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    durations: { sync: 0, queue: 0, run: 0, collect: 0 },
    usage: null,
    toolchain: {},
    artifacts: null,
    written: NOTHING_WRITTEN,
    received: { files: 0, bytes: 0, removed: 0 },
    logTruncated: false,
  };
}
