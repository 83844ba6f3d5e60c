import { mkdtempSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { removeTree } from './change-own.js';
import { rememberMade } from './own-tree.js';

/** Makes a new folder whose path begins so, for this process alone: a tree of ours while it runs. */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(prefix);
  rememberMade(folder);
  return folder;
}

/** {@link makeTemporaryFolder}, at once. */
export function makeTemporaryFolderSync(prefix: string): string {
  const folder = mkdtempSync(prefix);
  rememberMade(folder);
  return folder;
}

/** Removes a folder of {@link makeTemporaryFolder}, with everything in it. @throws NotRemovableError for another one */
export async function removeTemporaryFolder(folder: string): Promise<void> {
  await removeTree(folder);
}
