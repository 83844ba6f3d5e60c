import { setTimeout as sleep } from 'node:timers/promises';
import { authorizedTunnels, reviveSandboxes, type StateFolder } from '@build-machines/machines';
import { StaleTunnels } from './stale-tunnels.js';

/** How often the bridge looks around, in milliseconds. */
const LOOK_EVERY = 5_000;

/** A bridge that no machine connects to ends after this long without a request, in milliseconds. */
const IDLE_LIMIT = 60 * 60_000;

/**
 * What the bridge does beside serving, until `signal` aborts: revives sandboxes whose supervisor was killed, ends dead
 * tunnels, and ends the bridge when it has been of no use for an hour. As long as a machine may tunnel to the relay, it
 * is of use.
 */
export function keepHouse(options: {
  readonly state: StateFolder;
  readonly isWell: (machine: string) => Promise<boolean>;
  readonly note: (text: string) => void;
  readonly idleMs: () => number;
  readonly onIdle: () => Promise<void>;
  readonly signal: AbortSignal;
}): void {
  const { state, isWell, note, idleMs, onIdle, signal } = options;
  const tunnels = new StaleTunnels(state, { isWell, note });
  const look = async () => {
    const revived = await reviveSandboxes(state, (name, { message }) => {
      note(`sandbox "${name}" cannot be revived: ${message}`);
    });
    for (const name of revived) note(`revived sandbox "${name}"`);
    await tunnels.sweep();
    if (idleMs() > IDLE_LIMIT && (await authorizedTunnels(state)).length === 0) await onIdle();
  };
  const loop = async () => {
    while (!signal.aborted) {
      await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // A look that fails (a full disk, a file half written) is reported and repeated; the bridge's other work goes on.
      await look().catch((error: unknown) => {
        note(`looking around failed: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  };
  void loop();
}
