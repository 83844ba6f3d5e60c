import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Ignore files that Nx reads besides those of git, in any folder; the first outranks the second. */
export const NX_IGNORE_NAMES = ['.nxignore', '.ignore'] as const;
export type NxIgnoreName = (typeof NX_IGNORE_NAMES)[number];

/** The patterns of one ignore file and the folder they are relative to ("" for the workspace or one above it). */
export interface IgnoreFile {
  readonly folder: string;
  readonly patterns: Ignore;
  /** Of a file above the workspace: the way from its folder to the workspace, with a slash at the end. */
  readonly above?: string;
}

/** Reads an ignore file with gitignore syntax; undefined where there is none. */
export async function readIgnoreFile(
  workspaceRoot: string,
  folder: string,
  name: '.gitignore' | NxIgnoreName,
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
 * @returns undefined when none has a pattern for it.
 */
export function verdictOf(files: readonly IgnoreFile[], path: string, isFolder: boolean): boolean | undefined {
  for (const { folder, patterns, above } of [...files].reverse()) {
    if (folder !== '' && !path.startsWith(`${folder}/`)) continue; // It says nothing of its own folder.
    const relative = folder === '' ? `${above ?? ''}${path}` : path.slice(folder.length + 1);
    const verdict = patterns.test(isFolder ? `${relative}/` : relative);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return undefined;
}
