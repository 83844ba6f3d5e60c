import { join } from 'node:path';
import { NOTHING_WRITTEN, type ArtifactManifest, type RunResult } from '@build-machines/protocol';
import { collectArtifacts } from '../artifacts/collect-artifacts.js';
import { isDiskFull } from '../durable/errno.js';
import { dropUntrustedOutputs } from '../build-outputs/drop-untrusted.js';
import type { AdmittedSync } from '../mirrors/admit-sync.js';
import { liesInside } from '../mirrors/lies-inside.js';
import type { Mirror } from '../mirrors/mirror.js';
import type { Release } from '../queueing/fifo-gate.js';
import { toolchainBinFolder } from '../toolchains/bin-folder.js';
import { withSameTraits } from '../traits/guard-run.js';
import { findWritten, type FoundInTree } from '../written-files/find-written.js';
import { tidyTree } from '../written-files/tidy-tree.js';
import { markUntidy } from '../written-files/untidy-marker.js';
import { CancelledError } from './cancellation.js';
import { removeGivenRepository } from './given-repository.js';
import type { LiveRun } from './live-run.js';
import type { RunContext } from './run-context.js';
import { runEnvironment, searchPath } from './run-environment.js';
import { runProcess, type ProcessEnd } from './run-process.js';

/** Milliseconds spent in each phase so far. */
export interface Durations {
  sync: number;
  queue: number;
  run: number;
  collect: number;
}

/** How far a run has come. Kept outside the phases, so that a cancelled run tells what it did until then. */
export interface Progress {
  readonly durations: Durations;
  removed: number;
}

/** Adds the time that a phase takes, also when it fails. */
export async function timed<T>(
  progress: Progress,
  phase: keyof Durations,
  now: () => Date,
  work: () => Promise<T>,
): Promise<T> {
  const from = now().getTime();
  try {
    return await work();
  } finally {
    progress.durations[phase] += now().getTime() - from;
  }
}

/**
 * The part of a run that holds the mirror's lock after the sync: waits for a slot, runs the commands, collects, ends the
 * run. Never rejects for what the command does; gives the lock back.
 */
export async function executeRun(
  context: RunContext,
  run: LiveRun,
  sync: AdmittedSync,
  progress: Progress,
  releaseMirror: Release,
): Promise<void> {
  const { now } = context;
  let end: ProcessEnd = { exitCode: null, signal: null, usage: null };
  let startedAt = now();
  let artifacts: ArtifactManifest | null = null;
  let failure: string | null = null;
  let prepared: readonly FoundInTree[] = [];
  let written = NOTHING_WRITTEN;
  try {
    const releaseSlot = await timed(progress, 'queue', now, () => takeSlot(context, run));
    try {
      startedAt = now();
      await run.begin(startedAt.toISOString());
      await timed(progress, 'run', now, () =>
        withSameTraits(context, run, async () => {
          end = await runCommands(context, run, sync.mirror, (found) => {
            prepared = found;
          });
        }),
      );
    } finally {
      releaseSlot();
      await sync.mirror.buildEnded();
    }
    const request = run.command.artifacts;
    if (request !== null && run.cancellation.reason === null) {
      await run.enter('collecting');
      const succeeded = end.exitCode === 0;
      artifacts = await timed(progress, 'collect', now, () =>
        collectArtifacts(sync.mirror.root, request, { succeeded, startedAt: startedAt.getTime() }, context.artifacts),
      );
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) failure = explainFailure(error);
    if (failure !== null) context.logger.error('a run failed in the agent', { runId: run.record.runId, failure });
  }
  try {
    const tidied = { store: context.artifacts, prepared };
    written = await timed(progress, 'collect', now, () => tidyTree(sync.mirror, tidied));
    await sync.mirror.bringBack();
  } catch (error) {
    // The marker stays: the next sync tidies first, or fails.
    context.logger.error('a tree could not be tidied', { runId: run.record.runId, error: explainFailure(error) });
  } finally {
    releaseMirror();
  }
  await run.finish(resultOf(context, run, sync, progress, { end, artifacts, written, failure }));
}

/** Ends a run that was cancelled before it could begin. */
export async function executeCancelled(
  context: RunContext,
  run: LiveRun,
  sync: AdmittedSync,
  progress: Progress,
): Promise<void> {
  const end: ProcessEnd = { exitCode: null, signal: null, usage: null };
  await run.finish(
    resultOf(context, run, sync, progress, { end, artifacts: null, written: NOTHING_WRITTEN, failure: null }),
  );
}

function resultOf(
  { now }: RunContext,
  run: LiveRun,
  { received }: AdmittedSync,
  progress: Progress,
  {
    end,
    artifacts,
    written,
    failure,
  }: Pick<RunResult, 'artifacts' | 'written'> & {
    readonly end: ProcessEnd;
    readonly failure: string | null;
  },
): RunResult {
  const cancelled = run.cancellation.reason;
  // A command that ended well although it was being cancelled has done its work.
  const done = end.exitCode === 0 && failure === null;
  const outcome = done ? 'succeeded' : cancelled !== null ? 'cancelled' : 'failed';
  return {
    runId: run.record.runId,
    outcome,
    exitCode: end.exitCode,
    signal: end.signal,
    reason: outcome === 'cancelled' ? cancelled : failure,
    startedAt: run.record.startedAt ?? run.record.queuedAt,
    finishedAt: now().toISOString(),
    durations: { ...progress.durations },
    usage: end.usage,
    toolchain: run.record.toolchain,
    artifacts,
    written,
    received: { files: received.files, bytes: received.bytes, removed: progress.removed },
    logTruncated: run.log.truncated,
  };
}

async function takeSlot(context: RunContext, run: LiveRun): Promise<Release> {
  const { slots } = context;
  const free = slots.tryEnter(run);
  if (free !== undefined) return free;
  const busy = slots.holders.map(({ label }) => label).join(', ');
  await run.enter('queued', `waiting for a slot: ${slots.holders.length} of ${slots.capacity} in use (${busy})`);
  return slots.enter(run, run.cancellation.signal);
}

/** @param onPrepared called with what the preparations made, once they are done. */
async function runCommands(
  context: RunContext,
  run: LiveRun,
  mirror: Mirror,
  onPrepared: (found: readonly FoundInTree[]) => void,
): Promise<ProcessEnd> {
  const { command, cancellation, log } = run;
  const { cookie, toolchain } = run.record;
  const { config, account } = context;
  const temporary = await context.temporaryFolders.make(cookie);
  const timer =
    command.timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          cancellation.request(`it ran longer than its limit of ${String(command.timeoutSeconds)} s`);
        }, command.timeoutSeconds * 1000);
  try {
    const cwd = await workingFolder(mirror.root, command.cwd);
    await removeGivenRepository(mirror.root);
    await dropUntrustedOutputs(mirror, command);
    const env = runEnvironment(
      account,
      {
        path: searchPath(config.home, config.tools.searchPaths),
        toolchainBin: await toolchainBinFolder(config.stateDir, toolchain),
        temporaryFolder: temporary.path,
        cookie,
      },
      command.env,
    );
    await markUntidy(mirror.folder, command.outputs);
    let end: ProcessEnd = { exitCode: null, signal: null, usage: null };
    for (const argv of [...command.prepare, command.argv]) {
      cancellation.signal.throwIfAborted();
      if (argv === command.argv && command.prepare.length > 0)
        onPrepared((await findWritten(mirror.root, mirror.manifest)).created);
      await run.enter('running', argv === command.argv ? undefined : `preparing: ${preparationName(argv)}`);
      end = await runProcess({ argv, cwd, env, cookie }, log, cancellation, (process) => run.started(process));
      if (end.exitCode !== 0) return end;
    }
    return end;
  } finally {
    clearTimeout(timer);
    await temporary.remove();
  }
}

/** What a preparation is called: the name that a script is given, else the command. */
function preparationName(argv: readonly string[]): string {
  const [program, option, , name] = argv;
  return program === 'sh' && option === '-c' && name !== undefined ? name : argv.join(' ');
}

/** @throws Error when the folder is not in the mirror, or a link in it leads out of the mirror. */
async function workingFolder(mirrorRoot: string, cwd: string): Promise<string> {
  // The path as cabal shall see it, which is the one that the client maps back to the workstation's.
  const folder = join(mirrorRoot, cwd);
  if (!(await liesInside(mirrorRoot, folder))) throw new Error(`the working folder ${cwd} leads out of the mirror`);
  return folder;
}

function explainFailure(error: unknown): string {
  if (isDiskFull(error)) return "the machine's disk is full: free space on it, or give it a larger disk";
  return error instanceof Error ? error.message : String(error);
}
