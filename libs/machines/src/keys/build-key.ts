import type { StateFolder } from '../state/state-folder.js';
import { ensureKey, type KeyPair } from './ensure-key.js';

/** The key pair with which this workstation logs in to its machines; made on first use, never overwritten. */
export function ensureBuildKey(state: StateFolder): Promise<KeyPair> {
  return ensureKey(state.buildKey, 'build-machines build key');
}
