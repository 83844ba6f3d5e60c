import { dirname, join, relative } from 'node:path';
import { diskFiles, type SourceFiles } from '../files/source-files.js';
import type { HaskellProject } from './haskell-project.js';
import { listingsOf, owningProject } from './owning-project.js';
import { CABAL_PROJECT } from './project-files.js';
import { readCabalProject, type ReadOptions } from './read-cabal-project.js';

/**
 * Finds the project that builds the package of a folder (absolute path).
 * @param projectDir the folder of that project, where the graph has settled it
 */
export type ProjectFinder = (packageDir: string, projectDir?: string) => HaskellProject;

/**
 * A finder of projects: for a package, the one that {@link owningProject} chooses among those of the folders from its own
 * up; else the package by itself. Each project is read once, so a finder is for one pass over the workspace.
 * @param workspaceRoot absolute path above which nothing is looked for
 */
export function projectFinder(workspaceRoot: string, options: ReadOptions = {}): ProjectFinder {
  const files = options.files ?? diskFiles();
  const known = new Map<string, HaskellProject | null>();
  const projectIn = (dir: string): HaskellProject | null => {
    const earlier = known.get(dir);
    if (earlier !== undefined) return earlier;
    const project = isProjectFolder(dir, files) ? readCabalProject(dir, { ...options, files, workspaceRoot }) : null;
    known.set(dir, project);
    return project;
  };
  return (packageDir, projectDir) => {
    const above = foldersUpTo(packageDir, workspaceRoot);
    const projects = (projectDir === undefined ? above : [projectDir]).flatMap((dir) => projectIn(dir) ?? []);
    const owner = owningProject(packageDir, listingsOf(projects));
    if (owner !== undefined) return owner;
    const [settled] = projects;
    if (projectDir !== undefined && settled?.isComplete === false) return settled;
    const lies = above.some((dir) => isProjectFolder(dir, files));
    return readLonePackage(packageDir, lies, { ...options, files, workspaceRoot });
  };
}

/** Whether there is a project file in a folder, one that cannot be read included. */
export function isProjectFolder(dir: string, files: SourceFiles): boolean {
  return ['stack.yaml', CABAL_PROJECT].some((name) => files.list(dir).some((entry) => entry.name === name));
}

/** {@link projectFinder} for a single package. */
export function findCabalProject(packageDir: string, workspaceRoot: string, options: ReadOptions = {}): HaskellProject {
  return projectFinder(workspaceRoot, options)(packageDir);
}

/** The package of a folder by itself, whatever project files are in or above it. */
function readLonePackage(dir: string, needsProjectFile: boolean, options: ReadOptions): HaskellProject {
  const files = options.files ?? diskFiles();
  const project = readCabalProject(dir, {
    ...options,
    files: { ...files, read: (path) => (isProjectFile(path) ? null : files.read(path)) },
  });
  return { ...project, needsProjectFile };

  function isProjectFile(path: string): boolean {
    return path === join(dir, CABAL_PROJECT) || path === join(dir, 'stack.yaml');
  }
}

function foldersUpTo(from: string, root: string): string[] {
  const folders = [from];
  for (let dir = from; dir !== root && !relative(root, dir).startsWith('..') && dir !== dirname(dir);) {
    dir = dirname(dir);
    folders.push(dir);
  }
  return folders;
}
