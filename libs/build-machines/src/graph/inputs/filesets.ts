import type { CabalPackage } from '@build-machines/haskell';
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
export function productionFilesets(pkg: CabalPackage, root: string, scope: ProductionScope): string[] {
  const folder = workspacePath(root, '**/*');
  if (scope.kind === 'everything') return [folder, ...outsideOf(pkg, root)];
  const declared = declaredPaths(pkg);
  if (root === '.') {
    // Of a package at the workspace's root, {workspaceRoot}/**/* would be every file of every project.
    return [
      '{projectRoot}/**/*',
      ...scope.excluded.flatMap((path) => exclusions('{projectRoot}', path)),
      ...declared.map((path) => workspacePath(root, path)),
    ];
  }
  return [
    folder,
    ...scope.excluded.flatMap((path) => exclusions(`{workspaceRoot}/${literal(root)}`, path)),
    ...outsideOf(pkg, root),
    ...declared.filter((path) => isInside(path)).map((path) => `{projectRoot}/${path}`),
  ];
}

/** Filesets of all of a package's files: for tests, which may read any of them while they run. */
export function wholeFilesets(pkg: CabalPackage, root: string): string[] {
  const own = root === '.' ? ['{projectRoot}/**/*', ...declaredPaths(pkg).map((p) => workspacePath(root, p))] : [];
  return root === '.' ? own : [workspacePath(root, '**/*'), ...outsideOf(pkg, root)];
}

function exclusions(base: string, path: string): string[] {
  return [`!${base}/${literal(path)}`, `!${base}/${literal(path)}/**/*`];
}

/** Declared paths that leave the package's folder, as `hs-source-dirs: ../common` does. */
function outsideOf(pkg: CabalPackage, root: string): string[] {
  return declaredPaths(pkg)
    .filter((path) => !isInside(path))
    .map((path) => workspacePath(root, path))
    .filter((path) => !path.startsWith('{workspaceRoot}/..'));
}

/** Globs of everything that the package description names, relative to its folder. */
function declaredPaths(pkg: CabalPackage): string[] {
  const production = pkg.components.filter((c) => c.kind !== 'test-suite' && c.kind !== 'benchmark');
  const folders = production.flatMap((component) => [
    ...component.sourceDirs.filter((dir) => posix.normalize(dir) !== '.'),
    ...component.dirs,
  ]);
  const files = production.flatMap((component) => component.files);
  const data = pkg.dataFiles.map((file) => posix.join(pkg.dataDir, file));
  const globs = [...folders.map((dir) => `${dir}/**/*`), ...files, ...data, ...pkg.extraFiles];
  return [
    ...new Set(globs.filter((path) => !path.startsWith('/')).map((path) => nxGlob(posix.normalize(path)))),
  ].sort();
}

function isInside(path: string): boolean {
  return !path.startsWith('../');
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
