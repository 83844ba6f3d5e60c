import { expectTree, makeOwnFolder } from '@build-machines/owned-files';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the folder in a workspace where build-machines keeps what it knows about it. Never synced. */
export const WORKSPACE_STATE_FOLDER = '.build-machines';

/** Paths in a workspace's state folder. All of them may be deleted at any time between runs. */
export interface WorkspaceState {
  readonly folder: string;
  /** Who this workspace is; see workspace-id.ts. */
  readonly identityFile: string;
  /** Digests of files by their stat data; see stat-cache.ts. */
  readonly statCacheFile: string;
  /** Which lists one machine remembers of this workspace; see known-lists.ts. */
  knownListsFile(machine: string): string;
  /** The entries of lists, by digest. */
  readonly listsFolder: string;
  /** Locked by the one process that sends contents to a machine; see runs/turn.ts. */
  sendingFile(machine: string): string;
}

/** The state folder of a workspace, without touching the disk. */
export function workspaceState(workspaceRoot: string): WorkspaceState {
  const folder = join(workspaceRoot, WORKSPACE_STATE_FOLDER);
  return {
    folder,
    identityFile: join(folder, 'workspace.json'),
    statCacheFile: join(folder, 'stat-cache.json'),
    knownListsFile: (machine) => join(folder, `known-${machine}.json`),
    listsFolder: join(folder, 'lists'),
    sendingFile: (machine) => join(folder, `sending-${machine}`),
  };
}

/**
 * The file whose lock makes the writers of an output folder take turns. It is not in that folder, so that Nx never stores
 * it with the outputs.
 * @param folder its real path
 */
export async function outputTurn(workspaceRoot: string, folder: string): Promise<string> {
  const turns = join((await ensureWorkspaceState(workspaceRoot)).folder, 'outputs');
  await mkdir(turns, { recursive: true, mode: 0o700 });
  return join(turns, createHash('sha256').update(folder).digest('hex').slice(0, 32));
}

/** What releases before the marker kept in it. */
const FORMER = /^(workspace\.json|stat-cache\.json|known-.*|sending-.*|warm.*|\.gitignore|outputs|.*\.(lock|tmp))$/;

/** Makes the state folder (0700), with a .gitignore of its own so that it is never committed. */
export async function ensureWorkspaceState(workspaceRoot: string): Promise<WorkspaceState> {
  const state = workspaceState(workspaceRoot);
  expectTree(state.folder, { madeFor: 'the state of this workspace', isFormer: (name) => FORMER.test(name) });
  await makeOwnFolder(state.folder);
  try {
    await writeFile(join(state.folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return state;
}
