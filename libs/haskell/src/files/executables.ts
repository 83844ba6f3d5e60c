import { lstatSync } from 'node:fs';
import type { FolderEntry } from './folder-entries.js';
import { GitIgnoreRules } from './git-ignored.js';
import { absentAs } from './source-files.js';

/** Whether there is a file among these that its owner may execute; those that git ignores do not count. */
export function holdsExecutables(entries: readonly FolderEntry[]): boolean {
  const rules = new GitIgnoreRules();
  return entries.some(({ path, entry }) => entry.isFile() && isExecutable(path) && !rules.ignores(path));
}

function isExecutable(path: string): boolean {
  return absentAs(false, () => (lstatSync(path).mode & 0o100) !== 0);
}
