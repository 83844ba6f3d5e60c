import { expectTree, makeOwnFolder } from '@build-machines/owned-files';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildMachinesError } from '@build-machines/protocol';
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

/** The hub cannot make its state folder, or read and write in it: a file is in its place, or another user owns it. */
export class HubStateFolderError extends BuildMachinesError {
  readonly code = 'hub-state-folder';

  constructor(folder: string, cause: unknown) {
    super(`The hub cannot keep its state in ${folder}: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      hint: 'Name a folder of your own, or one that does not exist yet, such as --state ~/.local/state/build-machines-hub.',
      cause,
    });
  }
}

/** What releases before the marker kept in a hub's folder. */
const FORMER =
  /^(.*\.db.*|admin-token|run-logs|cache|cache-.*|before-restore-.*|\.restoring-.*|.*\.(json|log|lock|tmp))$/;

/** Makes a hub's folder, or makes sure that it is ours. @throws StateFolderTakenError, HubStateFolderError */
export async function claimHubFolder(folder: string): Promise<void> {
  expectTree(folder, { madeFor: 'a State Hub', isFormer: (name) => FORMER.test(name) });
  try {
    await makeOwnFolder(folder);
  } catch (error) {
    if (error instanceof BuildMachinesError) throw error;
    throw new HubStateFolderError(folder, error);
  }
}

/**
 * The admin token of a state folder; made on first use. Two processes that make it at once end with the same one.
 * @throws HubStateFolderError when the folder or the token cannot be made or read.
 */
export function ensureAdminToken(folder: string): string {
  try {
    return readOrMakeToken(folder);
  } catch (error) {
    throw new HubStateFolderError(folder, error);
  }
}

function readOrMakeToken(folder: string): string {
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
