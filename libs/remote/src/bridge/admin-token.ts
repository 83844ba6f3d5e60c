import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock, writePrivate, ensurePrivateFolder, type StateFolder } from '@build-machines/machines';

/** Where the embedded hub's administrator token is kept; 0600. */
export function adminTokenFile(state: StateFolder): string {
  return join(state.hub, 'admin-token');
}

/** The embedded hub's administrator token; made on first use. For the bridge, and for whoever registers a machine. */
export async function hubAdminToken(state: StateFolder): Promise<string> {
  const file = adminTokenFile(state);
  const present = await read(file);
  if (present !== undefined) return present;
  await ensurePrivateFolder(state.hub);
  return withLock(file, async () => {
    const made = await read(file);
    if (made !== undefined) return made;
    const token = randomBytes(32).toString('base64url');
    await writePrivate(file, `${token}\n`);
    return token;
  });
}

async function read(file: string): Promise<string | undefined> {
  try {
    const token = (await readFile(file, 'utf8')).trim();
    return token.length >= 32 ? token : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
