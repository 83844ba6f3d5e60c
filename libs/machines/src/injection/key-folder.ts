import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from '../disk/missing.js';
import { readKey, type KeyPair } from '../keys/ensure-key.js';
import { KeyFolderError } from './errors.js';
import { readSettings, type TunnelSettings } from './settings.js';

/** What a folder such as `~/vm-keys/<name>` holds. */
export interface KeyFolder {
  readonly buildKey: KeyPair;
  /** Values that the user wrote into build-agent.env; they win over those of machine.yml. */
  readonly settings: Partial<TunnelSettings>;
}

/**
 * Reads a folder laid out by hand: `id_build`, `id_build.pub` (derived where it is missing), and perhaps
 * `build-agent.env`. The private key stays where it is and never leaves this computer.
 * @returns undefined when there is no such folder.
 * @throws KeyFolderError
 */
export async function readKeyFolder(folder: string): Promise<KeyFolder | undefined> {
  const privateKey = join(folder, 'id_build');
  const settings = await readIfPresent(join(folder, 'build-agent.env'));
  if ((await readIfPresent(privateKey)) === undefined) {
    if (settings === undefined) return undefined;
    throw new KeyFolderError(`${folder} has a build-agent.env but no id_build`, {
      hint: `Make the key: ssh-keygen -t ed25519 -f ${privateKey} -N ""; or remove the folder to use the key of this workstation.`,
    });
  }
  if (((await stat(privateKey)).mode & 0o077) !== 0)
    throw new KeyFolderError(`${privateKey} can be read by other users`, { hint: `Run: chmod 600 ${privateKey}` });
  return { buildKey: await readKey(privateKey), settings: readSettings(settings ?? '') };
}
