import { diskFiles, type SourceFiles } from '@build-machines/haskell';
import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * The workspace's files as a machine will see them: those that Nx knows. A *.cabal that git ignores, because hpack makes
 * it, is not sent, so it must not be read here. Links count as what they lead to. Files outside the workspace are as they
 * are on disk.
 * @param known files that Nx knows, relative to the workspace
 */
export function visibleFiles(workspaceRoot: string, known: ReadonlySet<string>): SourceFiles {
  const disk = diskFiles();
  const isVisible = (path: string): boolean => {
    const inside = within(workspaceRoot, path);
    return inside === undefined || known.has(inside) || leadsToKnown(path);
  };
  const leadsToKnown = (path: string): boolean => {
    try {
      const inside = within(realpathSync(workspaceRoot), realpathSync(path));
      return inside === undefined || known.has(inside);
    } catch {
      return false; // It is not there, so there is nothing to see.
    }
  };
  return {
    read: (path) => (isVisible(path) ? disk.read(path) : null),
    list: (folder) => disk.list(folder).filter((entry) => entry.isFolder || isVisible(join(folder, entry.name))),
  };
}

function within(root: string, path: string): string | undefined {
  const inside = relative(root, path);
  return inside === '..' || inside.startsWith(`..${sep}`) ? undefined : inside.split(sep).join('/');
}
