import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { isInScope, type SyncScope, type TreeEntry } from '@build-machines/protocol';
import { foldersAbove } from './workspace-folders.js';

/** Files that cabal finds by itself and by patterns, wherever in a project they are. */
const DESCRIPTION = /(^|\/)([^/]+\.cabal|package\.yaml|cabal\.project[^/]*|stack\.yaml)$/;

/**
 * Package and project descriptions that a machine is known to hold, outside of a scope, and that are gone from the
 * workspace. With a pattern in `packages` cabal would still build the package in a folder that was moved or removed here:
 * they have to go there, too, whatever the scope.
 */
export function vanishedDescriptions(workspaceRoot: string, scope: SyncScope, known: readonly TreeEntry[]): string[] {
  return known
    .filter(({ path }) => DESCRIPTION.test(path) && !isInScope(scope, path) && isGone(workspaceRoot, path))
    .map(({ path }) => path);
}

/** A path below a link or a file is no path of the workspace: the sync of that link or file takes care of it. */
function isGone(workspaceRoot: string, path: string): boolean {
  const stat = (at: string) => lstatSync(join(workspaceRoot, at), { throwIfNoEntry: false });
  const outermostFirst = foldersAbove(path).filter(Boolean).reverse();
  for (const folder of outermostFirst) {
    const found = stat(folder);
    if (found === undefined) return true;
    if (!found.isDirectory()) return false;
  }
  return stat(path) === undefined;
}
