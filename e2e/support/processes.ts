import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A running process, as /proc shows it. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its command line, words joined by blanks; what sshd and others made of it. */
  readonly command: string;
}

/**
 * The processes that belong to a folder: its path is in their command line, their environment or their working folder,
 * or one of their ancestors is such a process. Tests give each workstation a folder of its own, so these are exactly the
 * processes that the test started, directly or not.
 */
export function processesOf(folder: string): RunningProcess[] {
  const all = runningProcesses();
  const owned = new Set(all.filter(({ pid }) => mentions(pid, folder)).map(({ pid }) => pid));
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const isOwned = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (owned.has(pid) || isOwned(parents.get(pid)));
  return all.filter(({ pid }) => pid !== process.pid && isOwned(pid));
}

function runningProcesses(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readProc(`/proc/${name}/stat`);
      const command = readProc(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      // The command name in parentheses may hold anything; state and parent follow the last closing one.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (stat === '' || state === 'Z') return [];
      return [{ pid: Number(name), parent: Number(parent), command }];
    });
}

function mentions(pid: number, folder: string): boolean {
  return (
    readProc(`/proc/${pid}/cmdline`).includes(folder) ||
    readProc(`/proc/${pid}/environ`).includes(folder) ||
    workingFolder(pid).startsWith(folder)
  );
}

/** Content of a file of /proc; empty when the process has ended or is another user's. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Gone between listing and reading: the same as never seen.
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // As above.
  }
}

/** Whether a process is still there. */
export function isAlive(pid: number): boolean {
  return (
    readProc(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .charAt(0)
      .match(/[^Z]/) !== null
  );
}
