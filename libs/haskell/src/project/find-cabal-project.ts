import { dirname, join, relative } from 'node:path';
import { diskFiles } from '../files/source-files.js';
import type { HaskellProject } from './haskell-project.js';
import { CABAL_PROJECT } from './project-files.js';
import { readCabalProject, type ReadOptions } from './read-cabal-project.js';

/** Finds the project that builds the package of a folder (absolute path). */
export type ProjectFinder = (packageDir: string) => HaskellProject;

/**
 * A finder of projects: for a package, that of the nearest cabal.project or stack.yaml, at or above its folder, that has
 * the package; else the package by itself. Each project is read once, so a finder is for one pass over the workspace.
 * @param workspaceRoot absolute path above which nothing is looked for
 */
export function projectFinder(workspaceRoot: string, options: ReadOptions = {}): ProjectFinder {
  const files = options.files ?? diskFiles();
  const known = new Map<string, HaskellProject | null>();
  const projectIn = (dir: string): HaskellProject | null => {
    const earlier = known.get(dir);
    if (earlier !== undefined) return earlier;
    const isProject = files.read(join(dir, CABAL_PROJECT)) !== null || files.read(join(dir, 'stack.yaml')) !== null;
    const project = isProject ? readCabalProject(dir, { ...options, files }) : null;
    known.set(dir, project);
    return project;
  };
  return (packageDir) => {
    const projects = foldersUpTo(packageDir, workspaceRoot).flatMap((dir) => projectIn(dir) ?? []);
    const owner = projects.find((project) => project.packages.some((pkg) => pkg.dir === packageDir));
    return owner ?? readLonePackage(packageDir, projects.length > 0, { ...options, files });
  };
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
