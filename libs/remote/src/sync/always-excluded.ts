import { WORKSPACE_STATE_FOLDER } from '../workspace-state/workspace-state.js';

/** Names that are never sent, wherever they are: they belong to one computer or to a tool's own bookkeeping. */
const names = new Set(['.git', '.nx', 'node_modules', 'dist-newstyle', '.stack-work', WORKSPACE_STATE_FOLDER]);

/** Where fetched artifacts lie; sending them back would make every fetch a change of the sources. */
const FETCHED = 'dist/remote';

/** Whether a path, whose folders are not excluded, is never sent, whatever any ignore file says. */
export function isAlwaysExcluded(path: string): boolean {
  return path === FETCHED || names.has(path.slice(path.lastIndexOf('/') + 1));
}
