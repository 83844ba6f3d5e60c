import { ensurePrivateFolder, type StateFolder, writePrivate } from '@build-machines/machines';
import { hubAdminToken } from '@build-machines/remote';
import { HubClient } from '@build-machines/state-hub';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The token with which a machine speaks to the embedded hub: made once, kept on the workstation (0600), and made known
 * to the hub, which stores a hash of it. Done at every `up`, because a hub whose database was removed knows no tokens.
 */
export async function machineToken(state: StateFolder, name: string, hubUrl: string): Promise<string> {
  const token = await storedToken(state, name);
  const hub = new HubClient({ url: hubUrl, token: await hubAdminToken(state) });
  await hub.registerMachineToken(name, token);
  return token;
}

async function storedToken(state: StateFolder, name: string): Promise<string> {
  const folder = state.machine(name);
  const file = join(folder, 'hub-token');
  try {
    const token = (await readFile(file, 'utf8')).trim();
    if (token !== '') return token;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const token = randomBytes(32).toString('base64url');
  await ensurePrivateFolder(folder);
  await writePrivate(file, `${token}\n`);
  return token;
}
