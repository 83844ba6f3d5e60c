import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import {
  BuildMachinesError,
  runIdentity,
  type CancelRequest,
  type ResolvedToolchain,
  type RunRequest,
  type RunSummary,
} from '@build-machines/protocol';
import type { End } from '../activities/activities.js';
import { admitSync, type AdmittedSync } from '../mirrors/admit-sync.js';
import type { Release } from '../queueing/fifo-gate.js';
import { requireTraits } from '../traits/guard-run.js';
import { acceptRun } from './accept-run.js';
import { CancelledError } from './cancellation.js';
import { executeCancelled, executeRun, timed, type Progress } from './execute-run.js';
import type { LiveRun } from './live-run.js';
import { closeLostRuns } from './lost-runs.js';
import { prunedRecords, recentArtifacts } from './retention.js';
import { runActivity } from './run-activity.js';
import type { RunContext } from './run-context.js';
import { RunUnknownError, StoppingError } from './run-errors.js';
import type { RunRecord } from './run-record.js';
import { attached, replayed, type SubmittedRun } from './submitted-run.js';
import { hurryUnfollowed } from './unfollowed-runs.js';

/** How long a list of runs waits for those whose sources are on their way, in milliseconds. They may never arrive. */
const BEGINS_WITHIN_MS = 1_500;

/** Everything the agent runs and has run, by identity: at most one run of an identity is alive. */
export class Runs {
  readonly #live = new Map<string, { run: Promise<LiveRun>; ended: Promise<void>; accepted?: LiveRun }>();
  readonly #finished = new Map<string, RunRecord>();
  #stopping = false;

  private constructor(private readonly context: RunContext) {}

  /** Loads the records; runs that a dead agent left are ended and recorded as lost. */
  static async open(context: RunContext): Promise<Runs> {
    const runs = new Runs(context);
    for (const record of await closeLostRuns(context, await context.folders.load()))
      runs.#finished.set(record.runId, record);
    return runs;
  }

  /**
   * Takes a run: attaches to the live run of the same identity, answers from the record of a successful one, or starts.
   * Only a start needs a lease that is still good: attaching takes no slot.
   * @param contents opens the contents that follow the request; not called when nothing has to be synced.
   * @throws AgentError as the protocol lists them, when the run cannot begin; the mirror is then untouched.
   */
  async submit(request: RunRequest, contents: () => Readable): Promise<SubmittedRun> {
    const toolchain = await this.context.toolchains.resolve(request.command.toolchain);
    await requireTraits(this.context, request.command.traits, toolchain);
    const runId = runIdentity(request.workspace, request.sync.target, request.command, toolchain);
    hurryUnfollowed(this.#acceptedRuns(), request, runId);
    for (;;) {
      if (this.#stopping) throw new StoppingError();
      const live = this.#live.get(runId);
      if (live !== undefined) {
        // An attempt that was refused, is being cancelled, or has just ended says nothing about this one.
        const run = await live.run.catch(() => undefined);
        if (run !== undefined && run.cancellation.reason === null && !run.log.ended) {
          run.askedFor(request);
          return attached(run);
        }
        await live.ended;
        continue;
      }
      const record = request.command.reuse ? await this.#reusable(runId) : undefined;
      if (this.#live.has(runId)) continue;
      if (record !== undefined) return replayed(this.context, record, 'reused');
      if (request.join === true) throw new RunUnknownError(runId);
      if (request.lease !== undefined) this.context.fences.admit(request.lease);
      const activityEnds = this.context.activities.tryBegin(runActivity(request, this.context.now()));
      if (activityEnds !== undefined) return this.#start(runId, request, toolchain, contents, activityEnds);
      // Somebody is about to change the machine: the request waits, and breaks with the connection if the agent ends.
      await this.context.activities.untilFree();
    }
  }

  /** The events of a live or finished run. @throws RunUnknownError */
  async events(runId: string): Promise<SubmittedRun> {
    const run = await this.#live.get(runId)?.run.catch(() => undefined);
    if (run !== undefined) return attached(run);
    const record = this.#finished.get(runId);
    if (record === undefined) throw new RunUnknownError(runId);
    return replayed(this.context, record, 'attached');
  }

  /**
   * Cancels a live run; a finished one is left as it is, and one that living others than `client` asked for too.
   * @throws RunUnknownError
   */
  async cancel(runId: string, { reason, client, deadClients = [] }: CancelRequest): Promise<void> {
    const run = await this.#live.get(runId)?.run.catch(() => undefined);
    run?.forgetClients(deadClients);
    if (run !== undefined) run.cancel(reason, client);
    else if (!this.#finished.has(runId)) throw new RunUnknownError(runId);
  }

  /** Live runs, then finished ones, the newest first. */
  async list(): Promise<RunSummary[]> {
    // Whoever cancels a run by its label finds it here, so one that is about to be accepted is waited for; see BEGINS_WITHIN_MS.
    const begun = Promise.allSettled([...this.#live.values()].map(({ run }) => run));
    await Promise.race([begun, pause(BEGINS_WITHIN_MS, undefined, { ref: false })]);
    const records = [...this.#acceptedRuns().map(({ record }) => record), ...this.#finished.values()];
    return records
      .sort((a, b) => (a.queuedAt < b.queuedAt ? 1 : -1))
      .map(({ runId, label, state, workspace, queuedAt }) => ({ runId, label, state, workspace, queuedAt }));
  }

  /** Ends all runs and waits for them; nothing new is taken from now on. */
  async stop(reason: string): Promise<void> {
    this.#stopping = true;
    this.context.activities.release();
    const ending = [...this.#live.values()].map(async ({ run, ended }) => {
      (await run.catch(() => undefined))?.cancellation.request(reason);
      await ended;
    });
    await Promise.all(ending);
  }

  /** The live runs, without those whose sources are still on their way: a sender that stalls must hold up nobody else. */
  #acceptedRuns(): LiveRun[] {
    return [...this.#live.values()].flatMap(({ accepted }) => accepted ?? []);
  }

  async #start(
    runId: string,
    request: RunRequest,
    toolchain: ResolvedToolchain,
    contents: () => Readable,
    activityEnds: End,
  ): Promise<SubmittedRun> {
    let settle: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      settle = resolve;
    }).then(activityEnds);
    const run = this.#begin(runId, request, toolchain, contents, settle);
    const live: { run: Promise<LiveRun>; ended: Promise<void>; accepted?: LiveRun } = { run, ended };
    this.#live.set(runId, live);
    try {
      const started = await run;
      live.accepted = started;
      return { ...attached(started), origin: 'started', sync: started.isSynced ? 'applied' : 'received' };
    } catch (error) {
      this.#live.delete(runId);
      settle();
      throw error;
    }
  }

  /** Resolves when the run is accepted; whatever fails before that is the request's answer. */
  async #begin(
    runId: string,
    request: RunRequest,
    toolchain: ResolvedToolchain,
    contents: () => Readable,
    settle: () => void,
  ): Promise<LiveRun> {
    const { context } = this;
    const cookie = context.randomId();
    const progress: Progress = { durations: { sync: 0, queue: 0, run: 0, collect: 0 }, removed: 0 };
    const sync = await timed(progress, 'sync', context.now, () =>
      admitSync(context.mirrors, request, contents, cookie),
    );
    let run: LiveRun | undefined;
    try {
      this.#finished.delete(runId);
      run = await acceptRun(context, { runId, request, toolchain, cookie, mirrorRoot: sync.mirror.root });
      // With the mirror free the sync is part of the request, so that its errors are the request's answer.
      const release = sync.mirror.lock.tryEnter(run);
      if (release !== undefined) await this.#applySync(run, sync, progress, release);
      void this.#carryOut(run, sync, progress, release).finally(() => {
        this.#live.delete(runId);
        settle();
        void this.#retain();
      });
      return run;
    } catch (error) {
      await run?.abandon();
      await sync.discard();
      throw error;
    }
  }

  async #applySync(run: LiveRun, sync: AdmittedSync, progress: Progress, release: Release): Promise<void> {
    try {
      const { removed } = await timed(progress, 'sync', this.context.now, () => sync.apply());
      progress.removed = removed;
      run.isSynced = true;
      await sync.discard();
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The rest of an accepted run. Never rejects: what goes wrong now reaches the followers. */
  async #carryOut(run: LiveRun, sync: AdmittedSync, progress: Progress, held: Release | undefined): Promise<void> {
    const { context } = this;
    try {
      const release = held ?? (await this.#waitAndSync(run, sync, progress));
      if (release === undefined) return;
      await executeRun(context, run, sync, progress, release);
      this.#finished.set(run.record.runId, run.record);
    } catch (error) {
      const internal = { code: 'internal', message: String(error), hint: "See the agent's log on the machine." };
      const body = error instanceof BuildMachinesError ? error.toBody() : internal;
      context.logger.error('a run could not be carried out', { runId: run.record.runId, error: body });
      await run.abandon({ type: 'error', error: body }).catch(() => undefined);
    } finally {
      await sync.discard();
    }
  }

  /** @returns undefined when the run was cancelled while it waited; it is finished then. */
  async #waitAndSync(run: LiveRun, sync: AdmittedSync, progress: Progress): Promise<Release | undefined> {
    const { lock } = sync.mirror;
    const before = [...lock.holders, ...lock.waiting].map(({ label }) => label).join(', then ');
    await run.enter('queued', `waiting for the mirror, behind ${before}`);
    let release: Release;
    try {
      release = await timed(progress, 'queue', this.context.now, () => lock.enter(run, run.cancellation.signal));
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      await executeCancelled(this.context, run, sync, progress);
      this.#finished.set(run.record.runId, run.record);
      return undefined;
    }
    await run.enter('syncing');
    await this.#applySync(run, sync, progress, release);
    return release;
  }

  async #reusable(runId: string): Promise<RunRecord | undefined> {
    const record = this.#finished.get(runId);
    if (record?.result?.outcome !== 'succeeded') return undefined;
    for (const { sha256 } of record.result.artifacts?.artifacts ?? [])
      if (!(await this.context.artifacts.has(sha256))) return undefined;
    return record;
  }

  /** Lets go of what is older than the bounds. What cannot be removed now is tried again after the next run. */
  async #retain(): Promise<void> {
    const records = [...this.#finished.values()];
    try {
      for (const { runId, cookie } of prunedRecords(records, this.context.config.limits.keepRuns)) {
        if (this.#live.has(runId) || this.#finished.get(runId)?.cookie !== cookie) continue;
        this.#finished.delete(runId);
        await this.context.folders.remove(runId, cookie);
      }
      await this.context.artifacts.collectGarbage(recentArtifacts(records));
    } catch (error) {
      this.context.logger.warn('old runs could not be removed', { error: String(error) });
    }
  }
}
