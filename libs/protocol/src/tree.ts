import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Lower-case hexadecimal SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A path inside a workspace: relative, `/`-separated, without empty, `.` or `..` segments, without NUL. Every path that
 * crosses the wire is checked against this, so no later code has to fear an escape by name.
 */
export const TreePath = z
  .string()
  .min(1)
  .refine((path) => isTreePath(path), 'must be a relative path without empty, "." or ".." segments');

/** Whether a string is a {@link TreePath}. */
export function isTreePath(path: string): boolean {
  return (
    path.length > 0 &&
    !path.includes('\0') &&
    path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  );
}

/** A regular file. `mode` holds the nine permission bits. */
export const FileEntry = z.object({
  kind: z.literal('file'),
  path: TreePath,
  size: z.number().int().nonnegative(),
  sha256: Sha256,
  mode: z.number().int().min(0).max(0o777),
});
export type FileEntry = z.infer<typeof FileEntry>;

/** A symbolic link whose target, resolved from the link's folder, stays inside the workspace. */
export const SymlinkEntry = z.object({ kind: z.literal('symlink'), path: TreePath, target: z.string().min(1) });
export type SymlinkEntry = z.infer<typeof SymlinkEntry>;

/** What a tree consists of. Folders are there for what lies in them; empty ones are no part of a tree. */
export const TreeEntry = z.discriminatedUnion('kind', [FileEntry, SymlinkEntry]);
export type TreeEntry = z.infer<typeof TreeEntry>;

/** Orders paths by UTF-16 code unit: the order in which entries enter a digest, the same on every machine and locale. */
export function compareTreePaths(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** The line that an entry contributes to a tree digest. JSON-escaped, so no path can imitate another entry. */
function digestLine(entry: TreeEntry): string {
  switch (entry.kind) {
    case 'file':
      return JSON.stringify(['f', entry.path, entry.mode, entry.sha256]);
    case 'symlink':
      return JSON.stringify(['l', entry.path, entry.target]);
  }
}

/**
 * Digest of a tree: SHA-256 over one line per entry in {@link compareTreePaths} order. The digest of no entries is that
 * of the empty string. Both ends of the sync compute it, so it is part of the protocol version.
 */
export function treeDigest(entries: Iterable<TreeEntry>): string {
  const hash = createHash('sha256');
  for (const entry of [...entries].sort(compareTreePaths)) hash.update(digestLine(entry)).update('\n');
  return hash.digest('hex');
}

/**
 * Whether a symbolic link at `path` with `target` stays inside the tree, judged by text alone (the target need not
 * exist; a link to itself stays inside). Absolute targets never do.
 */
export function symlinkStaysInside(path: string, target: string): boolean {
  if (target.startsWith('/') || target.includes('\0')) return false;
  const resolved = path.split('/').slice(0, -1);
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') resolved.push(segment);
    else if (resolved.pop() === undefined) return false;
  }
  return true;
}
