import { writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { isErrno } from '../durable/errno.js';

/** How much nicer than the agent a run is; nice(2). It has about a third of the agent's weight per thread then. */
const NICENESS = 5;

/** A run is what the kernel ends first when memory is out; proc_pid_oom_score_adj(5). */
const OOM_SCORE_ADJUST = 300;

/**
 * Makes a process just started, and all that it will start, stand back for the agent: less processor time where both want
 * it, and the first to go when memory is out. Both are advice: where the kernel refuses (the process has ended, or the
 * agent itself was made more expendable than that), the run goes on without.
 */
export function makeExpendable(pid: number): void {
  try {
    setPriority(pid, Math.min(getPriority() + NICENESS, constants.priority.PRIORITY_LOW));
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(OOM_SCORE_ADJUST));
  } catch (error) {
    if (!isErrno(error, 'ERR_SYSTEM_ERROR', 'ESRCH', 'ENOENT', 'EACCES', 'EPERM')) throw error;
  }
}
