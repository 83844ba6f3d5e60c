/**
 * Which files a task needs: what Nx hashes for it, and so what is sent. Paths are relative to the workspace, with slashes,
 * sorted.
 */
export interface SourceList {
  /** Regular files. */
  readonly files: readonly string[];
  /** Symbolic links and where they lead, as the link says it. */
  readonly links: ReadonlyMap<string, string>;
  /** Those of the files whose owner may execute them. */
  readonly executables: ReadonlySet<string>;
  /**
   * Folders that must not lose all their files at once: an unmounted disk looks like that, and following it would throw
   * away what the machine has built (the rule is mutagen's). `.` is the workspace.
   */
  readonly folders: readonly string[];
  /** Nx's own hash of each of the files at the moment of the listing; absent for files that Nx does not keep hashes of. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** Lists what a task needs now. Each sync lists anew, so that what was edited while the task waited is sent as it is. */
export type SourceLister = (signal?: AbortSignal) => Promise<SourceList>;

/** The list of several tasks that share one tree. */
export function unionOf(lists: readonly SourceList[]): SourceList {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  return {
    files: [...new Set(lists.flatMap(({ files }) => files))].sort(),
    links: new Map(lists.flatMap(({ links }) => [...links])),
    executables: new Set(lists.flatMap(({ executables }) => [...executables])),
    folders: [...new Set(lists.flatMap(({ folders }) => folders))].sort(),
    hashes: new Map(lists.flatMap(({ hashes }) => [...hashes])),
  };
}
