import type { PackageSources } from '@build-machines/protocol';

/** All folders above a path, outermost first; the top of the tree itself is not among them. */
export function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    found.push(path.slice(0, slash));
  return found;
}

/** Whether a path is of the sources of packages, for many paths: cost per path grows with its depth alone. */
export function liesInSources(sources: readonly PackageSources[]): (path: string) => boolean {
  const files = new Set(sources.flatMap((one) => one.files));
  const roots = new Set<string>(sources.flatMap((one) => one.roots));
  if (roots.has('.')) return () => true;
  return (path) => files.has(path) || roots.has(path) || ancestors(path).some((folder) => roots.has(folder));
}
