import { chmod } from 'node:fs/promises';
import type { Server } from 'node:http';
import { removeSocket } from '@build-machines/owned-files';

/**
 * Listens on a Unix socket that only this user can connect to (0600, in a folder of 0700). A socket that a killed
 * predecessor left is replaced: the caller holds the claim to be the one instance.
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  await removeSocket(path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  await chmod(path, 0o600);
}
