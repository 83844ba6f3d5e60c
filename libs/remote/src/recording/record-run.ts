import { setTimeout as sleep } from 'node:timers/promises';
import type { HubClient, RunFinish, RunStart } from '@build-machines/state-hub';

/** The record of one run at the hub. No call of it throws or makes the run wait; see {@link recordRun}. */
export interface RunRecording {
  /** Appends to the live log. */
  output(text: string): void;
  /** Ends the record, and waits for the hub to have all of it; not longer than {@link FINISH_WITHIN}. */
  finish(finish: RunFinish): Promise<void>;
}

/** What is recorded with: the hub's calls for runs. */
export type RunRecorder = Pick<HubClient, 'startRun' | 'finishRun' | 'runAlive' | 'logWriter'>;

/** At the end of a run the hub may take this long to hear the rest, in milliseconds. What it misses is given up. */
export const FINISH_WITHIN = 2_000;

/** The hub takes a run that it hears nothing of for ten minutes for lost; it hears of it this often, in milliseconds. */
const ALIVE_EVERY = 120_000;

/** Characters that are kept until the hub has answered to the start. */
const MAX_HELD = 4 * 1024 * 1024;

/**
 * Records a run at the hub while it goes on. The run comes first: a hub that is slow, away or refuses makes the record
 * incomplete, and nothing else. What waits for it is bounded in memory and time.
 * @param start what is known at the beginning; may still be on its way, and its failure only means that nothing is
 * recorded.
 */
export function recordRun(
  hub: RunRecorder,
  start: RunStart | Promise<RunStart>,
  finishWithin = FINISH_WITHIN,
): RunRecording {
  const giveUp = new AbortController();
  const started = Promise.resolve(start).then((known) => hub.startRun(known, giveUp.signal));
  const log = started.then((run) => hub.logWriter(run.id));
  log.catch(() => undefined); // Without a record at the hub there is nothing to write to.
  const held: string[] = [];
  let writer: Awaited<typeof log> | undefined;
  log.then(
    (opened) => {
      writer = opened;
      for (const text of held.splice(0)) opened.write(text);
    },
    () => held.splice(0),
  );
  let heldLength = 0;
  const alive = setInterval(() => {
    void started.then((run) => hub.runAlive(run.id, giveUp.signal)).catch(() => undefined); // The next one may arrive.
  }, ALIVE_EVERY).unref();

  const end = async (finish: RunFinish): Promise<void> => {
    const { id } = await started;
    await (await log).close();
    await hub.finishRun(id, finish, giveUp.signal);
  };
  return {
    output(text) {
      if (writer !== undefined) writer.write(text);
      else if ((heldLength += text.length) <= MAX_HELD) held.push(text);
    },
    async finish(finish) {
      clearInterval(alive);
      // A record that cannot be completed is completed by the hub itself: as lost, after a while.
      const done = end(finish).catch(() => undefined);
      const timer = new AbortController();
      await Promise.race([done, sleep(finishWithin, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
      giveUp.abort(new Error('the run is over'));
    },
  };
}
