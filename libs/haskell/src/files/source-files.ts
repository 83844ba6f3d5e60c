import { readdirSync, readFileSync } from 'node:fs';

/** An entry of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * The files that this library reads, behind an interface so that what reads them can be tested without a disk, and so
 * that a caller can hide files (those that Nx does not know) or count and cache reads. Paths are absolute.
 */
export interface SourceFiles {
  /** Content as text, or null when there is no such file. */
  read(path: string): string | null;
  /** Entries of a folder, sorted by name; none when there is no such folder. */
  list(folder: string): readonly FolderEntry[];
}

/** Files as they are on disk. Symbolic links are followed; errors other than absence are thrown. */
export function diskFiles(): SourceFiles {
  return {
    read: (path) => absentAs(null, () => readFileSync(path, 'utf8')),
    list: (folder) =>
      absentAs([], () =>
        readdirSync(folder, { withFileTypes: true })
          .map((entry) => ({
            name: entry.name,
            isFolder: entry.isDirectory() || (entry.isSymbolicLink() && isFolder(`${folder}/${entry.name}`)),
          }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
      ),
  };
}

function isFolder(path: string): boolean {
  return absentAs(false, () => {
    readdirSync(path);
    return true;
  });
}

/** What `read` finds, or the fallback where nothing is there. Errors other than absence are thrown. */
export function absentAs<T>(fallback: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isAbsence(error)) return fallback;
    throw error;
  }
}

/** Not there, a folder where a file is wanted or the reverse, or a link that leads nowhere or to itself. */
function isAbsence(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP';
}
