import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GitIgnoreRules } from './git-ignored.js';
import { absentAs } from './source-files.js';
import { TOOL_FOLDERS } from './tool-folders.js';

/**
 * Whether a folder holds, at any depth, a file that its owner may execute; those that git ignores do not count.
 * @param skipped absolute paths of folders to leave out
 */
export function holdsExecutables(folder: string, skipped: ReadonlySet<string> = new Set()): boolean {
  const rules = new GitIgnoreRules();
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (TOOL_FOLDERS.has(entry.name) || skipped.has(path)) continue;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile() && isExecutable(path) && !rules.ignores(path)) return true;
    }
  }
  return false;
}

function isExecutable(path: string): boolean {
  return absentAs(false, () => (lstatSync(path).mode & 0o100) !== 0);
}
