import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJsonFile } from '../../disk/json-file.js';
import { spawnDaemon } from '../../processes/spawn-daemon.js';
import { restartDelay } from '../../supervision/backoff.js';
import { runningInstance } from '../../supervision/instance.js';
import { BridgeRevival } from './supervisor-config.js';

/** How often the bridge is looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Keeps the bridge alive until `signal` aborts: the relay and the hub that this machine's tunnel leads to are its
 * children. It is started as anyone would start it, and outlives us; one that was stopped on purpose is left alone.
 * @param revivalFile holds a BridgeRevival once a bridge was started.
 */
export async function keepBridgeAlive(
  revivalFile: string,
  signal: AbortSignal,
  log: (message: string) => void,
): Promise<void> {
  let attempts = 0;
  while (!signal.aborted) {
    const bridge = await readJsonFile(revivalFile, BridgeRevival);
    if (bridge === undefined || (await isUpOrStopped(bridge))) attempts = 0;
    else {
      attempts += 1;
      log(`the bridge is gone; starting it (attempt ${attempts})`);
      const child = spawnDaemon(bridge, 'ignore');
      child.on('error', (error) => {
        log(`the bridge cannot be started: ${error.message}`);
      });
      child.unref();
    }
    // After an attempt it needs a moment to claim its record; a second one beside it would only find that claimed.
    const pause = attempts === 0 ? LOOK_EVERY_MS : LOOK_EVERY_MS + restartDelay(attempts, Math.random());
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function isUpOrStopped({ instanceFile, stoppedFile }: BridgeRevival): Promise<boolean> {
  return (await runningInstance(instanceFile)) !== undefined || (await exists(stoppedFile));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
