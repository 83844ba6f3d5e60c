import { readFileSync, readlinkSync } from 'node:fs';
import type { LeaseHolder } from '../api/leases.js';

/**
 * This process, as the holder of leases; undefined where /proc is not to be had. Two containers of one computer share the
 * boot and not the numbers of processes, so the namespace is part of the host.
 */
export function thisProcess(): LeaseHolder | undefined {
  const host = hostIdentity();
  const started = startTicks(process.pid);
  return host === undefined || started === undefined ? undefined : { host, pid: process.pid, started };
}

/** Whether a process of this host has ended; false for one of another host, of which nobody here can know. */
export function isDeadHere({ host, pid, started }: LeaseHolder): boolean {
  if (host !== hostIdentity()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another account's process is there although it may not be signalled, and may not be visible in /proc.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const now = startTicks(pid);
  return now !== undefined && now !== started;
}

let host: string | undefined;

function hostIdentity(): string | undefined {
  host ??= readHost();
  return host;
}

function readHost(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined; // No /proc, as on macOS.
  }
}

/** Start time of a process by proc(5); undefined when it cannot be read; `ended` for one that only waits to be reaped. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may itself hold parentheses: what counts starts behind the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19];
  } catch {
    return undefined;
  }
}
