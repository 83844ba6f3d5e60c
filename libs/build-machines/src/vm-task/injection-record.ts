import {
  type InjectKeysOptions,
  parsePublicKey,
  type PublicKey,
  publicKeyText,
  type StateFolder,
  writePrivate,
} from '@build-machines/machines';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What a VM was given. */
export interface Injection {
  /** See {@link injectionDigest}. */
  readonly digest: string;
  /** The public half of the key that the VM made for its tunnel. */
  readonly tunnelKey: PublicKey;
}

const Record = z.object({ digest: z.string(), tunnelKey: z.string() });

/** A digest of all that a VM is given; holds no secret, and changes when any part of it does. */
export function injectionDigest(
  gift: Pick<
    InjectKeysOptions,
    'buildKey' | 'settings' | 'settingsTemplate' | 'relayHostKey' | 'agent' | 'agentBundle' | 'hubToken'
  >,
): string {
  const { buildKey, settings, settingsTemplate, relayHostKey, agent, agentBundle, hubToken } = gift;
  const key = publicKeyText(buildKey.publicKey);
  const parts = [key, settings, settingsTemplate, relayHostKey, agent, agentBundle, hubToken];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** What was given to the machine's present VM; undefined when it has no keys yet. */
export async function readInjection(state: StateFolder, name: string): Promise<Injection | undefined> {
  const file = recordFile(state, name);
  if (!existsSync(file)) return undefined;
  const { digest, tunnelKey } = Record.parse(JSON.parse(await readFile(file, 'utf8')));
  return { digest, tunnelKey: parsePublicKey(tunnelKey, file) };
}

/** Notes what was given to the machine's present VM. */
export async function noteInjection(state: StateFolder, name: string, { digest, tunnelKey }: Injection): Promise<void> {
  await writePrivate(recordFile(state, name), `${JSON.stringify({ digest, tunnelKey: publicKeyText(tunnelKey) })}\n`);
}

function recordFile(state: StateFolder, name: string): string {
  return join(state.machine(name), 'injected.json');
}
