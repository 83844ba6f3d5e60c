import { dirname, join, relative } from 'node:path';
import { workspaceFiles } from '../files/source-files.js';
import type { HaskellProject } from './haskell-project.js';
import { CABAL_PROJECT } from './project-files.js';
import { readCabalProject, type ReadOptions } from './read-cabal-project.js';

/**
 * The project that builds the package of a folder: that of the nearest cabal.project or stack.yaml, at or above the
 * folder, that has the package; else the package by itself.
 * @param packageDir absolute path of the package's folder
 * @param workspaceRoot absolute path above which nothing is looked for
 */
export function findCabalProject(packageDir: string, workspaceRoot: string, options: ReadOptions = {}): HaskellProject {
  const files = options.files ?? workspaceFiles();
  let needsProjectFile = false;
  for (const dir of foldersUpTo(packageDir, workspaceRoot)) {
    const isProject = files.read(join(dir, CABAL_PROJECT)) !== null || files.read(join(dir, 'stack.yaml')) !== null;
    if (!isProject) continue;
    needsProjectFile = true;
    const project = readCabalProject(dir, options);
    if (project.packages.some((pkg) => pkg.dir === packageDir)) return project;
  }
  return readLonePackage(packageDir, needsProjectFile, options);
}

/** The package of a folder by itself, whatever project files are in or above it. */
function readLonePackage(dir: string, needsProjectFile: boolean, options: ReadOptions): HaskellProject {
  const files = options.files ?? workspaceFiles();
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
