import type { RunRequest } from '@build-machines/protocol';
import type { LiveRun } from './live-run.js';

/**
 * How long a run whose clients are known to be dead is left to be attached to, in milliseconds: the tasks that replace
 * those of a killed command come one after the other.
 */
const ORPHAN_MS = 1_000;
/** How long a run whose lease has ended may be without a follower, in milliseconds: a nap, or a lost link, is shorter. */
const SUPERSEDED_MS = 60_000;

/**
 * Another run shall not wait for what goes on for nobody: a run of the same workspace whose clients are all dead, and one
 * whose lease has ended and whose slot was given on. Both end only while nobody follows them. For a run that somebody
 * follows the other one waits, at the lock of the mirror or for a slot.
 * @param taker identity of the run that is asked for.
 */
export function hurryUnfollowed(live: readonly LiveRun[], request: RunRequest, taker: string): void {
  const { workspace, lease, deadClients = [], join } = request;
  for (const run of live) {
    const { runId, workspace: owner } = run.record;
    const isOwn = owner.id === workspace.id && owner.user === workspace.user;
    if (isOwn) run.forgetClients(deadClients);
    if (runId === taker || join === true) continue;
    if (isOwn && run.isOrphaned) {
      run.hurry(ORPHAN_MS, 'the command that it ran for was killed, and its workspace goes on with another run');
    } else if (lease !== undefined && run.lease?.slot === lease.slot && run.lease.fence < lease.fence) {
      run.hurry(SUPERSEDED_MS, 'its lease on the machine ended, nobody follows it, and another run needs the slot');
    }
  }
}
