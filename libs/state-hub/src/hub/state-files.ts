import { expectTree, makeOwnFolder } from '@build-machines/owned-files';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret } from '../auth/token-secret.js';

/** Folder of the logs of runs, beside the database. */
export const RUN_LOGS = 'run-logs';

/** Where a hub that runs by itself keeps its state: all of it in one folder, 0700, secrets 0600. */
export interface HubStateFiles {
  readonly databaseFile: string;
  readonly adminTokenFile: string;
  readonly runLogFolder: string;
}

/** The files of a hub's state folder (`StateFolder.hub`). */
export function hubStateFiles(folder: string): HubStateFiles {
  return {
    databaseFile: join(folder, 'hub.db'),
    adminTokenFile: join(folder, 'admin-token'),
    runLogFolder: join(folder, RUN_LOGS),
  };
}

/** What releases before the marker kept in a hub's folder. */
const FORMER =
  /^(.*\.db.*|admin-token|run-logs|cache|cache-.*|before-restore-.*|\.restoring-.*|.*\.(json|log|lock|tmp))$/;

/** Makes a hub's folder, or makes sure that it is ours. @throws StateFolderTakenError */
export async function claimHubFolder(folder: string): Promise<void> {
  expectTree(folder, { madeFor: 'a State Hub', isFormer: (name) => FORMER.test(name) });
  await makeOwnFolder(folder);
}

/** The admin token of a state folder; made on first use. Two processes that make it at once end with the same one. */
export function ensureAdminToken(folder: string): string {
  const { adminTokenFile } = hubStateFiles(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(adminTokenFile)) {
    try {
      writeFileSync(adminTokenFile, `${newSecret()}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  chmodSync(adminTokenFile, 0o600);
  return readFileSync(adminTokenFile, 'utf8').trim();
}
