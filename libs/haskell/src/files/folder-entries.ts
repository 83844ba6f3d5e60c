import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that are never source: other tools fill them. */
const TOOL_FOLDERS = new Set(['node_modules', 'dist', 'dist-newstyle', '.git', '.nx', '.stack-work', '.hie']);

/** Something that is no folder. */
export interface FolderEntry {
  /** As the folder's that was looked into. */
  readonly path: string;
  readonly entry: Dirent;
}

/**
 * All that lies in a folder, at any depth, but the folders themselves and what other tools fill; each folder by name. Links
 * are not followed.
 * @param skipped paths to leave out
 */
export function entriesBelow(folder: string, skipped: ReadonlySet<string> = new Set()): FolderEntry[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): FolderEntry[] => {
      const path = join(folder, entry.name);
      if (TOOL_FOLDERS.has(entry.name) || skipped.has(path)) return [];
      return entry.isDirectory() ? entriesBelow(path, skipped) : [{ path, entry }];
    });
}
