import {
  type HaskellProject,
  isAtOrBelow,
  listingsOf,
  readCabalProject,
  type ReadOptions,
} from '@build-machines/haskell';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folders that tools fill with copies; they are ignored by git in most workspaces, but not in all. */
export const GENERATED = /(^|\/)(node_modules|dist-newstyle|\.stack-work|\.nx)\//;

/**
 * Reads the cabal projects of a workspace, the outermost first. A project file inside of a package that an outer project
 * lists is one of that package's files, as the fixtures of cabal-install's own tests are, unless the outer project lists
 * its folder, too.
 * @param configFiles workspace-relative
 */
export function readProjects(
  workspaceRoot: string,
  configFiles: readonly string[],
  options: Omit<ReadOptions, 'workspaceRoot'>,
): HaskellProject[] {
  const projects: HaskellProject[] = [];
  const holders: string[] = [];
  for (const dir of projectFolders(configFiles).map((folder) => join(workspaceRoot, folder))) {
    const holder = holders.find((folder) => folder !== dir && isAtOrBelow(dir, folder));
    if (holder !== undefined && !listingsOf(projects).has(dir) && !isProjectOnPurpose(dir)) continue;
    const project = readCabalProject(dir, { ...options, workspaceRoot });
    projects.push(project);
    holders.push(...[...project.packages, ...project.broken].flatMap((pkg) => (pkg.dir === dir ? [] : [pkg.dir])));
  }
  return projects;
}

/** Whether somebody has declared a folder an Nx project. */
export function isProjectOnPurpose(dir: string): boolean {
  return existsSync(join(dir, 'project.json'));
}

function projectFolders(configFiles: readonly string[]): string[] {
  const files = configFiles.filter((file) => /(^|\/)(cabal\.project|stack\.yaml)$/.test(file) && !GENERATED.test(file));
  const depth = (folder: string): number => (folder === '.' ? 0 : folder.split('/').length);
  return [...new Set(files.map((file) => dirname(file)))].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}
