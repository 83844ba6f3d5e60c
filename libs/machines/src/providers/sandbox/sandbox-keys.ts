import { ensureKey, type KeyPair } from '../../keys/ensure-key.js';
import type { StateFolder } from '../../state/state-folder.js';
import { sandboxLayout } from './layout.js';

/** The sandbox's tunnel key, made on first use: its public half must be authorised at the relay before `up`. */
export function ensureSandboxTunnelKey(state: StateFolder, name: string): Promise<KeyPair> {
  return ensureKey(sandboxLayout(state, name).tunnelKey, `build-machines tunnel of ${name}`);
}
