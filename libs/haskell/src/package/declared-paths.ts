import { posix } from 'node:path';
import type { CabalPackage } from './cabal-package.js';
import type { AddedPaths } from '../project/haskell-project.js';
import { type DependencyScope, isProduction } from '../project/package-graph.js';

/** Paths that a package description names. Relative to the package's folder, normalised, sorted, each once. */
export interface DeclaredPaths {
  /** Source folders, include folders and so on: all below them counts. Without the package's own folder. */
  readonly folders: readonly string[];
  /** Files, and Cabal's globs of files. */
  readonly files: readonly string[];
}

/**
 * All paths that a package description, or its project for it, names, whether or not something is there; those that leave the package's folder
 * (`hs-source-dirs: ../common`) begin with `..`, those that are absolute are left out: they are of one computer.
 * @param scope whether those of test suites and benchmarks count
 */
export function declaredPaths(
  pkg: CabalPackage & { readonly added?: AddedPaths },
  scope: DependencyScope,
): DeclaredPaths {
  const components = pkg.components.filter((component) => scope === 'all' || isProduction(component));
  const folders = [
    ...components.flatMap(({ sourceDirs, dirs }) => [...sourceDirs, ...dirs]),
    ...(pkg.added?.folders ?? []),
  ];
  const data = pkg.dataFiles.map((file) => posix.join(pkg.dataDir, file));
  const mains = components.flatMap(({ mainIs, sourceDirs }) =>
    mainIs?.includes('..') === true ? sourceDirs.map((dir) => posix.join(dir, mainIs)) : [],
  );
  const added = pkg.added?.files ?? [];
  const files = [...components.flatMap((component) => component.files), ...data, ...pkg.extraFiles, ...added];
  return {
    folders: tidy(folders).filter((folder) => folder !== '.'),
    // What main-is names lies in a source folder, unless it climbs out of it.
    files: [...new Set([...tidy(files), ...tidy(mains).filter(leavesFolder)])].sort(),
  };
}

/** Whether a normalised relative path leads out of the folder that it is relative to. */
export function leavesFolder(path: string): boolean {
  return path === '..' || path.startsWith('../');
}

function tidy(paths: readonly string[]): string[] {
  const relative = paths.filter((path) => path !== '' && !path.startsWith('/'));
  return [...new Set(relative.map((path) => posix.normalize(path).replace(/\/$/, '')))].sort();
}
