import { lstatSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { absentAs } from '../files/source-files.js';
import { leavesFolder } from '../package/declared-paths.js';

/**
 * Where a folder of a workspace really is, and the symbolic links that lead there. Nx lists a file under its real path
 * only.
 */
export function realFolder(path: string, workspaceRoot: string): { path: string; links: string[] } {
  const links: string[] = [];
  const inside = relative(workspaceRoot, path);
  if (inside === '' || leavesFolder(inside)) return { path, links };
  let at = workspaceRoot;
  for (const segment of inside.split(sep)) {
    at = join(at, segment);
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    links.push(at);
    at = realPath(at, workspaceRoot);
  }
  return { path: at, links };
}

/** The workspace itself may be known by a path over links: what lies in it keeps that path in front. */
function realPath(path: string, workspaceRoot: string): string {
  const real = absentAs(path, () => realpathSync(path));
  const inside = relative(
    absentAs(workspaceRoot, () => realpathSync(workspaceRoot)),
    real,
  );
  return leavesFolder(inside) ? real : join(workspaceRoot, inside);
}
