import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  endProcesses,
  endRecordedChildren,
  ensurePrivateFolder,
  isRunning,
  runningInstance,
  withLock,
  type StateFolder,
} from '@build-machines/machines';
import { ErrorBody } from '@build-machines/protocol';
import { json } from 'node:stream/consumers';
import { ZodError } from 'zod';
import { bridgeFiles } from './bridge-files.js';
import { BridgeBusyError, BridgeNotStoppedError } from './bridge-errors.js';
import { BridgeBusyDetails } from './bridge-protocol.js';
import { bridgeRequest } from './bridge-request.js';

/** How long an orderly end may take, in milliseconds. */
const END_WITHIN = 8_000;

/** How long the bridge may take to say whether it works for somebody, in milliseconds. */
const RETIRES_WITHIN = 5_000;

/**
 * Stops the bridge with its relay and hub, also what a killed one left, and keeps sandboxes from bringing it back; the
 * next ensureBridge does. A bridge that does not obey is killed. Returns whether one ran.
 * @param options.force stops one that works for somebody too.
 * @throws BridgeBusyError, BridgeNotStoppedError
 */
export async function stopBridge(state: StateFolder, { force }: { readonly force: boolean }): Promise<boolean> {
  const files = bridgeFiles(state);
  await ensurePrivateFolder(state.bridge);
  return withLock(files.startLock, async () => {
    if (!force) await refuseWhileBusy(files.socket);
    // First, so that no supervisor sees the bridge gone and this not yet there.
    await writeFile(files.stopped, '', { mode: 0o600 });
    const ended = await endBridge(state, 'end');
    // A bridge that was killed left its relay standing.
    const left = await endRecordedChildren(state.relay);
    return ended || left > 0;
  });
}

/** @throws BridgeBusyError. The bridge may already be ending when this returns. */
async function refuseWhileBusy(socket: string): Promise<void> {
  const busy = await retire(socket, 'end');
  if (busy !== undefined) throw new BridgeBusyError(busy, 'Try again when that has ended, or add --force.');
}

/**
 * Asks the bridge to end, unless it works for somebody. One that says nothing may do so.
 * @returns what it does then; undefined when it ends, or is not there, or is of a release that cannot be asked.
 */
export async function retire(
  socket: string,
  relay: 'keep' | 'end',
  withinMs: number = RETIRES_WITHIN,
): Promise<readonly string[] | undefined> {
  const signal = AbortSignal.timeout(withinMs);
  try {
    const response = await bridgeRequest(socket, { method: 'POST', path: `/retire?relay=${relay}`, signal });
    if (response.status === 409)
      return BridgeBusyDetails.parse(ErrorBody.parse(await json(response.body)).details).activities;
    response.body.resume();
  } catch (error) {
    if (error instanceof ZodError) throw error;
    if (signal.aborted) return ['it does not say what it works on'];
    // Nobody listens, or it has just ended: then nobody is served.
  }
  return undefined;
}

/** Ends the bridge, politely first. The caller holds the start lock. Returns whether one ran. */
export async function endBridge(state: StateFolder, relay: 'keep' | 'end'): Promise<boolean> {
  const { socket, instance } = bridgeFiles(state);
  const running = await runningInstance(instance);
  if (running === undefined) return false;
  try {
    const request = { method: 'POST', path: `/stop?relay=${relay}`, signal: AbortSignal.timeout(2_000) } as const;
    (await bridgeRequest(socket, request)).body.resume();
  } catch {
    // It does not listen any more: the signals below reach it all the same.
  }
  const deadline = performance.now() + END_WITHIN;
  while (isRunning(running) && performance.now() < deadline) await sleep(50);
  const left = await endProcesses([running], { signal: relay === 'keep' ? 'SIGHUP' : 'SIGTERM' });
  if (left.length > 0) throw new BridgeNotStoppedError(running.pid);
  return true;
}
