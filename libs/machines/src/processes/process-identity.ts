import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { hasErrorCode } from '../disk/missing.js';

/**
 * A process that cannot be mistaken for another one that got its number later: number, start time in clock ticks since
 * boot (proc(5), `stat` field 22) and the boot (`/proc/sys/kernel/random/boot_id`).
 */
export const ProcessIdentity = z.object({
  pid: z.number().int().positive(),
  startTicks: z.number(),
  bootId: z.string(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** What `/proc/<pid>/stat` says of a process. `state` is one letter, `Z` for one that only waits to be reaped. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly startTicks: number;
}

/** Reads a process's stat; undefined when there is none. */
export function processStat(pid: number): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name in parentheses may itself hold spaces and parentheses: what counts starts behind the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, group] = fields;
  return { pid, state, parent: Number(parent), group: Number(group), startTicks: Number(fields[19]) };
}

/** The identity of a process that runs now; undefined when there is none (a zombie does not run). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = processStat(pid);
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
  return { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Whether two identities are of the same process. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks && a.bootId === b.bootId;
}

function bootId(): string {
  return (readProc('/proc/sys/kernel/random/boot_id') ?? '').trim();
}

/** Content of a file in /proc, which is made on reading (so synchronously); undefined when the process is gone. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR')) return undefined;
    throw error;
  }
}
