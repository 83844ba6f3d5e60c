import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '../disk/missing.js';
import { isRunning, type ProcessIdentity } from './process-identity.js';

/** How often a process that was told to end is looked at, in milliseconds. */
const LOOK_EVERY_MS = 25;

/** How long SIGKILL may take to show before we give up, in milliseconds (a process may hang in the kernel). */
const KILL_PATIENCE_MS = 5_000;

/**
 * Ends processes: a polite signal, `graceMs` to obey it, then SIGKILL. Each is told apart by its identity, so that a
 * number that was given to another process meanwhile is left alone.
 * @returns those that still run (stuck in the kernel, or another user's).
 */
export async function endProcesses(
  targets: readonly ProcessIdentity[],
  { signal = 'SIGTERM', graceMs = 5_000 }: { signal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<ProcessIdentity[]> {
  for (const target of targets) sendSignal(target, signal);
  const stubborn = await remaining(targets, graceMs);
  for (const target of stubborn) sendSignal(target, 'SIGKILL');
  return remaining(stubborn, KILL_PATIENCE_MS);
}

/** Sends a signal to exactly this process; does nothing when it is gone. Returns whether it was sent. */
export function sendSignal(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(target)) return false;
  return kill(target.pid, signal);
}

/** Kills what is left of a process group, for example the ssh of an autossh that was killed. */
export function killGroup(leader: number): void {
  kill(-leader, 'SIGKILL');
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (hasErrorCode(error, 'ESRCH', 'EPERM')) return false;
    throw error;
  }
}

async function remaining(targets: readonly ProcessIdentity[], patienceMs: number): Promise<ProcessIdentity[]> {
  const deadline = performance.now() + patienceMs;
  let running = targets.filter(isRunning);
  while (running.length > 0 && performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
    running = running.filter(isRunning);
  }
  return running;
}
