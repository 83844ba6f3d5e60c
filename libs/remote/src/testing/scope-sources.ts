import { everythingIn, scanSources } from '@build-machines/sources';
import type { ListSources } from '../runs/source-list.js';
import { ensureWorkspaceState } from '../workspace-state/workspace-state.js';

/** What part of a folder a test sends: whole folders ("." is all of it) and single files. */
export interface SyncScope {
  readonly roots: readonly string[];
  readonly files: readonly string[];
}

/** The files of a scope as the sources of a run; there are no ignore rules. */
export function scopeSources(folder: string, { roots, files }: SyncScope): ListSources {
  const isInScope = (path: string): boolean =>
    files.includes(path) || roots.some((root) => root === '.' || path.startsWith(`${root}/`));
  return async (signal) => {
    const all = everythingIn(folder);
    const list = {
      ...all,
      files: all.files.filter(isInScope),
      links: new Map([...all.links].filter(([path]) => isInScope(path))),
    };
    return scanSources(folder, list, await ensureWorkspaceState(folder), { signal });
  };
}
