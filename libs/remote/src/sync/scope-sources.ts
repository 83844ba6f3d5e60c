import type { ListSources } from '../runs/source-list.js';
import { scanScope } from './scan.js';
import { SourceRootMissingError } from './sync-errors.js';
import type { SyncScope } from './sync-scope.js';

/** The files of a scope as the sources of a run. @throws SourceRootMissingError, and what scanScope throws */
export function scopeSources(workspaceRoot: string, scope: SyncScope): ListSources {
  return async (signal) => {
    const scan = await scanScope(workspaceRoot, scope, { signal });
    const [missing] = scan.missingRoots;
    if (missing !== undefined) throw new SourceRootMissingError(missing, 'does not exist');
    return scan;
  };
}
