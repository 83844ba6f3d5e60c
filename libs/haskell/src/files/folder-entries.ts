import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Names of folders that are never source, wherever they are: tools fill them. */
export const TOOL_FOLDERS = ['node_modules', 'dist-newstyle', '.stack-work', '.git', '.nx', '.build-machines'] as const;

const toolFolders: ReadonlySet<string> = new Set(TOOL_FOLDERS);

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
      if (toolFolders.has(entry.name) || skipped.has(path)) return [];
      return entry.isDirectory() ? entriesBelow(path, skipped) : [{ path, entry }];
    });
}
