import type { SourceList } from '../source-list.js';
import { SourceFolderEmptyError } from './source-errors.js';

/**
 * Refuses a list that has no file of a folder that must have some. An unmounted disk looks like that, and following it
 * would throw away what the machine has built (the rule is mutagen's).
 * @throws SourceFolderEmptyError
 */
export function refuseEmptyFolders({ files, folders }: Pick<SourceList, 'files' | 'folders'>): void {
  for (const folder of folders)
    if (!files.some((path) => folder === '.' || path.startsWith(`${folder}/`)))
      throw new SourceFolderEmptyError(folder);
}
