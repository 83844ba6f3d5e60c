import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** The patterns of one ignore file and the folder they are relative to ("" for the workspace). */
export interface IgnoreFile {
  readonly folder: string;
  readonly patterns: Ignore;
}

/** Reads an ignore file with gitignore syntax; undefined where there is none. */
export async function readIgnoreFile(
  workspaceRoot: string,
  folder: string,
  name: '.gitignore' | '.nxignore',
): Promise<IgnoreFile | undefined> {
  try {
    const text = await readFile(join(workspaceRoot, folder, name), 'utf8');
    return { folder, patterns: ignore().add(text) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Whether a path is ignored by files given from the outermost folder to the innermost: the innermost that has a pattern
 * for it decides, as in gitignore(5).
 */
export function isIgnoredBy(files: readonly IgnoreFile[], path: string, isFolder: boolean): boolean {
  for (const { folder, patterns } of [...files].reverse()) {
    const relative = folder === '' ? path : path.slice(folder.length + 1);
    const verdict = patterns.test(isFolder ? `${relative}/` : relative);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}
