import { join } from 'node:path';
import type { StateFolder } from '@build-machines/machines';

/** What the bridge keeps in its folder (0700). */
export interface BridgeFiles {
  /** Where it listens; 0600. */
  readonly socket: string;
  /** Which process it is, as `claimInstance` writes it. */
  readonly instance: string;
  /** There while the bridge was stopped on purpose: nobody brings it back unasked. */
  readonly stopped: string;
  /** How it was started, for a sandbox's supervisor to start it again: a BridgeRevival. */
  readonly revival: string;
  readonly log: string;
  /** Path whose lock makes starting and stopping one process's business at a time. */
  readonly startLock: string;
}

export function bridgeFiles(state: StateFolder): BridgeFiles {
  return {
    socket: join(state.bridge, 'bridge.sock'),
    instance: join(state.bridge, 'bridge.json'),
    stopped: join(state.bridge, 'stopped'),
    revival: join(state.bridge, 'revival.json'),
    log: join(state.bridge, 'bridge.log'),
    startLock: join(state.bridge, 'start'),
  };
}
