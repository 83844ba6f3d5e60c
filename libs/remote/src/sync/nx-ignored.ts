import { basename, dirname } from 'node:path';
import { type IgnoreFile, NX_IGNORE_NAMES, type NxIgnoreName, readIgnoreFile, verdictOf } from './ignore-files.js';
import { asFolder, foldersAbove } from './workspace-folders.js';

/** What Nx leaves out besides what git ignores. Paths are relative to the workspace. */
export interface NxIgnored {
  excludes(path: string, isFolder: boolean): boolean;
  /** The same inside of a folder below, which holds `names`. */
  enter(folder: string, names: readonly string[]): Promise<NxIgnored>;
}

/**
 * What Nx leaves out at a root of a scope by its `.nxignore` and `.ignore` files (the latter are those of ripgrep and its
 * kin). It reads them in every folder and in all folders above the workspace. Nx does not hash what they name, so it must
 * not be sent: a build that used it would be found again after it changed.
 */
export async function nxIgnoredAt(workspaceRoot: string, root: string): Promise<NxIgnored> {
  const chains = await Promise.all(
    NX_IGNORE_NAMES.map(async (name): Promise<Chain> => {
      const outer = await filesAbove(workspaceRoot, name);
      const above = foldersAbove(asFolder(root)).reverse();
      const inner = await Promise.all(above.map((folder) => readIgnoreFile(workspaceRoot, folder, name)));
      return { name, files: [...outer, ...inner.filter((file) => file !== undefined)] };
    }),
  );
  return nxIgnored(workspaceRoot, chains);
}

/** The files of one name that count at a place, outermost first. */
interface Chain {
  readonly name: NxIgnoreName;
  readonly files: readonly IgnoreFile[];
}

function nxIgnored(workspaceRoot: string, chains: readonly Chain[]): NxIgnored {
  return {
    excludes(path, isFolder) {
      for (const { files } of chains) {
        const verdict = verdictOf(files, path, isFolder);
        if (verdict !== undefined) return verdict;
      }
      return false;
    },
    async enter(folder, names) {
      if (!NX_IGNORE_NAMES.some((name) => names.includes(name))) return this;
      const deeper = await Promise.all(
        chains.map(async ({ name, files }) => {
          const own = names.includes(name) ? await readIgnoreFile(workspaceRoot, folder, name) : undefined;
          return { name, files: own === undefined ? files : [...files, own] };
        }),
      );
      return nxIgnored(workspaceRoot, deeper);
    },
  };
}

async function filesAbove(workspaceRoot: string, name: NxIgnoreName): Promise<IgnoreFile[]> {
  const found: IgnoreFile[] = [];
  let above = '';
  for (let folder = workspaceRoot; folder !== dirname(folder); folder = dirname(folder)) {
    above = `${basename(folder)}/${above}`;
    const file = await readIgnoreFile(dirname(folder), '', name);
    if (file !== undefined) found.unshift({ ...file, above });
  }
  return found;
}
