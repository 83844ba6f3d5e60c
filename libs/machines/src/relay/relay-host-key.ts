import { join } from 'node:path';
import { ensurePrivateFolder } from '../disk/private-folder.js';
import { ensureKey } from '../keys/ensure-key.js';
import { publicKeyText } from '../keys/public-key.js';
import type { StateFolder } from '../state/state-folder.js';

/** Absolute path of the embedded relay's private host key. */
export function relayHostKeyFile(state: StateFolder): string {
  return join(state.relay, 'ssh_host_ed25519_key');
}

/** The embedded relay's public host key, `ssh-ed25519 AAAA…`, for machines to pin; made on first use. */
export async function relayHostKey(state: StateFolder): Promise<string> {
  await ensurePrivateFolder(state.relay);
  return publicKeyText((await ensureKey(relayHostKeyFile(state), 'build-machines relay')).publicKey);
}
