import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfPresent } from '../../disk/missing.js';
import { isListening } from '../../network/port-holder.js';
import type { SandboxLayout } from './layout.js';

/** How long the tunnel may take to tell whether it has its ports, in milliseconds; it may have nobody to connect to. */
const WITHIN_MS = 10_000;

/** So much of the log's end is what ssh said at its last attempts, in characters. */
const LAST_ATTEMPTS = 400;

/** The two ports that a sandbox's tunnel listens on, on this computer: ours, and through the relay. */
export interface TunnelPorts {
  /** The way to the hub. */
  readonly forwardPort: number;
  /** The way to the machine. ssh asks for it after the other, so that one who listens there means that all is well. */
  readonly reversePort: number;
}

/** Length of the tunnel's log now, to see later what ssh said from here on. */
export async function tunnelLogLength(layout: SandboxLayout): Promise<number> {
  return (await tunnelLog(layout)).length;
}

/**
 * Whether another program took the port of the way to the hub before the tunnel could: the sandbox of another user, that
 * came up at the same time. Waits for the tunnel to tell.
 * @param from length of the log when the tunnel was started
 */
export async function losesForwardPort(
  layout: SandboxLayout,
  { forwardPort, reversePort }: TunnelPorts,
  { from, signal }: { readonly from: number; readonly signal?: AbortSignal },
): Promise<boolean> {
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    if (complains((await tunnelLog(layout)).slice(from), forwardPort)) return true;
    if (await isListening(reversePort)) return false;
    await sleep(50, undefined, { signal });
  }
  return false;
}

/** Whether a tunnel that has run for some time fails because its port is taken. */
export async function lacksForwardPort(
  layout: SandboxLayout,
  { forwardPort, reversePort }: TunnelPorts,
): Promise<boolean> {
  // The port first: it costs little, and a tunnel that is up settles it.
  return !(await isListening(reversePort)) && complains((await tunnelLog(layout)).slice(-LAST_ATTEMPTS), forwardPort);
}

/** What ssh says of a port that it cannot listen on (openssh, channels.c). */
function complains(text: string, port: number): boolean {
  return new RegExp(`cannot listen to port: ${port}\\s`).test(text);
}

async function tunnelLog(layout: SandboxLayout): Promise<string> {
  return (await readIfPresent(join(layout.supervisor, 'tunnel.log'))) ?? '';
}
