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
import { bridgeFiles } from './bridge-files.js';
import { BridgeNotStoppedError } from './bridge-errors.js';
import { bridgeRequest } from './bridge-request.js';

/** How long an orderly end may take, in milliseconds. */
const END_WITHIN = 8_000;

/**
 * Stops the bridge with its relay and hub, also what a killed one left, and keeps sandboxes from bringing it back; the next ensureBridge does. A
 * bridge that does not obey is killed. Returns whether one ran.
 * @throws BridgeNotStoppedError
 */
export async function stopBridge(state: StateFolder): Promise<boolean> {
  const files = bridgeFiles(state);
  await ensurePrivateFolder(state.bridge);
  return withLock(files.startLock, async () => {
    // First, so that no supervisor sees the bridge gone and this not yet there.
    await writeFile(files.stopped, '', { mode: 0o600 });
    const ended = await endBridge(state, 'end');
    // A bridge that was killed left its relay standing.
    const left = await endRecordedChildren(state.relay);
    return ended || left > 0;
  });
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
