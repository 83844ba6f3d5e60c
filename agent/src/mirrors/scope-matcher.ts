import type { SyncScope } from '@build-machines/protocol';

/** As isInScope of the protocol, prepared for many paths: cost per path grows with its depth, not with the scope. */
export function scopeMatcher(scope: SyncScope): (path: string) => boolean {
  if (scope.roots.includes('.')) return () => true;
  const files = new Set(scope.files);
  const roots = new Set<string>(scope.roots);
  return (path) => files.has(path) || roots.has(path) || ancestors(path).some((folder) => roots.has(folder));
}

/** All folders above a path, outermost first; the top of the tree itself is not among them. */
export function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    found.push(path.slice(0, slash));
  return found;
}
