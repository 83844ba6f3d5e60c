import { type CabalPackage, declaredPaths, leavesFolder, type OutsideSource } from '@build-machines/haskell';
import { posix } from 'node:path';
import type { ProductionScope } from './production-scope.js';

/**
 * Nx filesets of a package's production sources.
 *
 * Two facts of Nx shape them. `{projectRoot}/…` sees only files that no nested project owns (a web front end with a
 * package.json inside the package, for example), so folders are named from `{workspaceRoot}`. And all `{workspaceRoot}`
 * filesets of a target are one set, whose exclusions win over its inclusions, as are all `{projectRoot}` filesets; so
 * what is declared but lies in an excluded place is brought back in through the other one of the two.
 */
export function productionFilesets(
  pkg: CabalPackage,
  root: string,
  scope: ProductionScope,
  outside: readonly OutsideSource[],
): string[] {
  const folder = workspacePath(root, '**/*');
  if (scope.kind === 'everything') return [folder, ...outsideFilesets(outside)];
  const declared = declaredGlobs(pkg);
  if (root === '.') {
    // Of a package at the workspace's root, {workspaceRoot}/**/* would be every file of every project.
    return [
      '{projectRoot}/**/*',
      ...scope.excluded.flatMap((path) => exclusions('{projectRoot}', path)),
      ...declared.map((path) => workspacePath(root, path)),
      ...outsideFilesets(outside),
    ];
  }
  return [
    folder,
    ...scope.excluded.flatMap((path) => exclusions(`{workspaceRoot}/${literal(root)}`, path)),
    ...outsideFilesets(outside),
    ...declared.map((path) => `{projectRoot}/${path}`),
  ];
}

/** Filesets of all of a package's files: for tests, which may read any of them while they run. */
export function wholeFilesets(pkg: CabalPackage, root: string, outside: readonly OutsideSource[]): string[] {
  const own =
    root === '.'
      ? ['{projectRoot}/**/*', ...declaredGlobs(pkg).map((path) => workspacePath(root, path))]
      : [workspacePath(root, '**/*')];
  return [...own, ...outsideFilesets(outside)];
}

/** Filesets of what a package reads outside of its folder. */
export function outsideFilesets(outside: readonly OutsideSource[]): string[] {
  return outside.map(({ kind, path }) => {
    if (kind === 'folder') return workspacePath(path, '**/*');
    return kind === 'file' ? workspacePath('.', literal(path)) : workspacePath('.', nxGlob(path));
  });
}

function exclusions(base: string, path: string): string[] {
  return [`!${base}/${literal(path)}`, `!${base}/${literal(path)}/**/*`];
}

/** Globs of what the package description names inside of the package's folder, for its production components. */
function declaredGlobs(pkg: CabalPackage): string[] {
  const { folders, files } = declaredPaths(pkg, 'production');
  const inside = [...folders.map((dir) => `${dir}/**/*`), ...files].filter((path) => !leavesFolder(path));
  return [...new Set(inside.map(nxGlob))].sort();
}

function workspacePath(root: string, path: string): string {
  return `{workspaceRoot}/${posix.normalize(posix.join(root === '.' ? '' : literal(root), path))}`;
}

/** A Cabal glob (`*` and `**`) as one of Nx's: `*.txt` matches a dot in front in Cabal's, and other signs are plain. */
function nxGlob(path: string): string {
  return path.replace(/[?[\]{}!()@+]/g, '?');
}

/** A path in which every sign that a glob would read is replaced by `?`, which matches it and a little more. */
function literal(path: string): string {
  return path.replace(/[*?[\]{}!()@+]/g, '?');
}
