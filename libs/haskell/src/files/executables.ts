import { lstatSync } from 'node:fs';
import type { FolderEntry } from './folder-entries.js';
import { absentAs } from './source-files.js';

/** Whether there is a file among these that its owner may execute. */
export function holdsExecutables(entries: readonly FolderEntry[]): boolean {
  return entries.some(({ path, entry }) => entry.isFile() && isExecutable(path));
}

function isExecutable(path: string): boolean {
  return absentAs(false, () => (lstatSync(path).mode & 0o100) !== 0);
}
