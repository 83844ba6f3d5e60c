import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyncScope } from './sync-scope.js';
import { isAlwaysExcluded } from './always-excluded.js';
import { gitIgnored, isInGitCheckout, type IgnoredPaths } from './git-ignored.js';
import { readIgnoreFile, verdictOf, type IgnoreFile } from './ignore-files.js';
import { type NxIgnored, nxIgnoredAt } from './nx-ignored.js';
import { asFolder, foldersAbove } from './workspace-folders.js';

/** What is left out below one folder. Paths are relative to the workspace. */
export interface FolderRules {
  excludes(path: string, isFolder: boolean): boolean;
  /** The rules inside a folder below, which holds `names`. */
  enter(folder: string, names: readonly string[]): Promise<FolderRules>;
}

interface Workspace {
  readonly root: string;
  readonly signal?: AbortSignal;
}

/**
 * The rules for each root of a scope. In a git checkout git itself says what is ignored, one call per repository; a
 * nested repository or submodule is asked when the walk enters it. Elsewhere the .gitignore files are read. What Nx
 * leaves out is left out in both. A root itself is never left out: it was named.
 */
export async function rulesForRoots(
  workspaceRoot: string,
  roots: SyncScope['roots'],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, FolderRules>> {
  const workspace = { root: workspaceRoot, signal };
  const rootsOfRepository = new Map<string | undefined, string[]>();
  for (const root of roots.map(asFolder)) {
    const repository = await repositoryOf(workspace, root);
    rootsOfRepository.set(repository, [...(rootsOfRepository.get(repository) ?? []), root]);
  }
  const rules = new Map<string, FolderRules>();
  for (const [repository, members] of rootsOfRepository) {
    const ignored = repository === undefined ? undefined : await ignoredBelow(workspace, repository, members);
    for (const root of members) {
      const own =
        repository === undefined || ignored === undefined
          ? await fileRulesAt(workspace, root)
          : gitRules(workspace, repository, ignored);
      rules.set(root, both(own, await nxIgnoredAt(workspaceRoot, root)));
    }
  }
  return rules;
}

function both(rules: FolderRules, nx: NxIgnored): FolderRules {
  return {
    excludes: (path, isFolder) => rules.excludes(path, isFolder) || nx.excludes(path, isFolder),
    async enter(folder, names) {
      const deeper = await Promise.all([rules.enter(folder, names), nx.enter(folder, names)]);
      return deeper[0] === rules && deeper[1] === nx ? this : both(...deeper);
    },
  };
}

function gitRules(workspace: Workspace, repository: string, ignored: IgnoredPaths): FolderRules {
  const skip = repository === '' ? 0 : repository.length + 1;
  return {
    excludes: (path) => isAlwaysExcluded(path) || ignored.has(path.slice(skip)),
    async enter(folder, names) {
      if (folder === repository || !names.includes('.git')) return this;
      const nested = await gitIgnored(join(workspace.root, folder), [], workspace.signal);
      return nested === undefined ? this : gitRules(workspace, folder, nested);
    },
  };
}

function fileRules(workspace: Workspace, gitignores: readonly IgnoreFile[]): FolderRules {
  return {
    excludes: (path, isFolder) => isAlwaysExcluded(path) || verdictOf(gitignores, path, isFolder) === true,
    async enter(folder, names) {
      if (names.includes('.git')) {
        const nested = await gitIgnored(join(workspace.root, folder), [], workspace.signal);
        if (nested !== undefined) return gitRules(workspace, folder, nested);
      }
      if (!names.includes('.gitignore')) return this;
      const own = await readIgnoreFile(workspace.root, folder, '.gitignore');
      return own === undefined ? this : fileRules(workspace, [...gitignores, own]);
    },
  };
}

/** Rules that count at a root outside git: the .gitignore files of the folders above it. */
async function fileRulesAt(workspace: Workspace, root: string): Promise<FolderRules> {
  const above = foldersAbove(root).reverse();
  const files = await Promise.all(above.map((folder) => readIgnoreFile(workspace.root, folder, '.gitignore')));
  return fileRules(
    workspace,
    files.filter((file) => file !== undefined),
  );
}

async function ignoredBelow(
  workspace: Workspace,
  repository: string,
  roots: readonly string[],
): Promise<IgnoredPaths | undefined> {
  const within = roots.map((root) => (repository === '' ? root : root.slice(repository.length + 1)));
  const all = within.includes('');
  return gitIgnored(join(workspace.root, repository), all ? [] : within, workspace.signal);
}

/** The folder whose git knows a root: the innermost with a `.git`, or the workspace when a repository is around it. */
async function repositoryOf(workspace: Workspace, root: string): Promise<string | undefined> {
  for (const folder of [...new Set([root, ...foldersAbove(root)])])
    if (await exists(join(workspace.root, folder, '.git'))) return folder;
  return (await isInGitCheckout(workspace.root, workspace.signal)) ? '' : undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
