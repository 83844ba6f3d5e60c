import { everythingIn, scanSources } from '@build-machines/sources';
import type { ListSources } from '../runs/source-list.js';
import { ensureWorkspaceState } from '../workspace-state/workspace-state.js';

/** All files of a folder as the sources of a run. */
export function folderSources(folder: string): ListSources {
  return async (signal) => scanSources(folder, everythingIn(folder), await ensureWorkspaceState(folder), { signal });
}
