import { readdirSync } from 'node:fs';
import { identifyProcess, processStat, readProc, type ProcessIdentity, type ProcessStat } from './process-identity.js';

/** All processes that run now. */
export function allProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processStat(Number(name)))
    .filter((stat) => stat !== undefined);
}

/** Children of a process, their children, and so on; not the process itself. */
export function descendantsOf(pid: number): ProcessIdentity[] {
  const all = allProcesses();
  const found: number[] = [];
  for (let level = [pid]; level.length > 0;) {
    level = all.filter(({ parent }) => level.includes(parent)).map((stat) => stat.pid);
    found.push(...level);
  }
  return found.map(identifyProcess).filter((identity) => identity !== undefined);
}

/**
 * Processes that were started with `name=value` in their environment, as far as this user may see it. A program that
 * rewrites its title (sshd) may overwrite its environment and is not found.
 */
export function processesWithEnvironment(name: string, value: string): ProcessIdentity[] {
  const wanted = Buffer.from(`${name}=${value}`, 'utf8').toString('latin1');
  return allProcesses()
    .filter(({ pid }) => pid !== process.pid && readProc(`/proc/${pid}/environ`)?.split('\0').includes(wanted) === true)
    .map(({ pid }) => identifyProcess(pid))
    .filter((identity) => identity !== undefined);
}
