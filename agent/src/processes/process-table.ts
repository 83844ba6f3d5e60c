import { readFileSync, readdirSync } from 'node:fs';
import { isErrno } from '../durable/errno.js';

/** One process as /proc shows it. Times in clock ticks, memory in pages; see proc(5). */
export interface ProcessInfo {
  readonly pid: number;
  /** Name of its program, at most 15 characters. */
  readonly name: string;
  readonly parent: number;
  readonly state: string;
  readonly group: number;
  readonly session: number;
  readonly startTicks: string;
  /** Own processor time and that of children it has waited for. */
  readonly cpuTicks: number;
  readonly residentPages: number;
}

/** All processes of this machine. Those that end while the table is read are left out. */
export function readProcessTable(): ProcessInfo[] {
  const table: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const info = readProcess(Number(name));
    if (info !== undefined) table.push(info);
  }
  return table;
}

/** @returns undefined when there is no such process. */
export function readProcess(pid: number): ProcessInfo | undefined {
  const stat = readOrGone(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the command's name in parentheses and may hold anything, also parentheses and blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): string => fields[number - 3] ?? '';
  return {
    pid,
    name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    parent: Number(field(4)),
    state: field(3),
    group: Number(field(5)),
    session: Number(field(6)),
    startTicks: field(22),
    cpuTicks: [14, 15, 16, 17].reduce((sum, number) => sum + Number(field(number)), 0),
    residentPages: Number(field(24)),
  };
}

/** Whether a process's environment, as it was given at its start, holds a variable with this value. */
export function hasEnvironment(pid: number, name: string, value: string): boolean {
  const environ = readOrGone(`/proc/${pid}/environ`);
  return environ !== undefined && environ.split('\0').includes(`${name}=${value}`);
}

/** Identifies the running boot of the machine; process ids and start times mean nothing across boots. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function readOrGone(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // Gone in the meantime, or another user's.
    if (isErrno(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}
