import { isErrno } from '../durable/errno.js';
import type { RunProcess } from '../runs/run-record.js';
import { bootId, hasEnvironment, readProcess, readProcessTable } from './process-table.js';

/** Environment variable by which processes of a run are recognised, also those that left its process group. */
export const RUN_COOKIE = 'BUILD_MACHINES_RUN';

/** Describes a process just started as leader of its own group; undefined when it has ended already. */
export function describeProcess(pid: number): RunProcess | undefined {
  const info = readProcess(pid);
  return info === undefined ? undefined : { pid, startTicks: info.startTicks, bootId: bootId() };
}

/** How the processes of a run are recognised. */
export interface RunMark {
  readonly process: RunProcess | null;
  /** Value of {@link RUN_COOKIE}. */
  readonly cookie: string;
  /** The caller has just seen the leader end, so a group of its number without a leader is still the run's. */
  readonly leaderJustEnded?: boolean;
}

/**
 * The live processes of a run. A process belongs to it when it carries the run's cookie, or when it is in the run's process
 * group and the group is provably still the run's: its leader has the recorded start time.
 */
export function membersOf({ process: leader, cookie, leaderJustEnded = false }: RunMark): number[] {
  const now = leader === null || leader.bootId !== bootId() ? null : readProcess(leader.pid);
  const ownsGroup = now !== null && (now === undefined ? leaderJustEnded : now.startTicks === leader?.startTicks);
  return readProcessTable()
    .filter(({ pid, state }) => pid !== process.pid && state !== 'Z')
    .filter(({ pid, group }) => (ownsGroup && group === leader?.pid) || hasEnvironment(pid, RUN_COOKIE, cookie))
    .map(({ pid }) => pid);
}

/** Signals a whole process group that this agent started and still owns. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  signalIfThere(-leader, signal);
}

/** Sends a signal to processes, those that are gone excepted. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) signalIfThere(pid, signal);
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** Ends whatever is left of a run: SIGTERM, then after `graceMs` SIGKILL. @returns how many processes there were. */
export async function endLeftovers(
  run: RunMark,
  graceMs: number,
  pause: (ms: number) => Promise<void>,
): Promise<number> {
  const found = membersOf(run);
  if (found.length === 0) return 0;
  signalAll(found, 'SIGTERM');
  for (let waited = 0; waited < graceMs && membersOf(run).length > 0; waited += 50) await pause(50);
  signalAll(membersOf(run), 'SIGKILL');
  return found.length;
}
