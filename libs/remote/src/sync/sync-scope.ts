/** What part of a workspace a scan looks at: whole folders and single files. */
export interface SyncScope {
  /** Folders, with all below them; "." is the workspace. */
  readonly roots: readonly string[];
  /** Single files outside the roots. */
  readonly files: readonly string[];
}

/** Whether a path lies in a scope. */
export function isInScope(scope: SyncScope, path: string): boolean {
  return (
    scope.files.includes(path) ||
    scope.roots.some((root) => root === '.' || path === root || path.startsWith(`${root}/`))
  );
}
