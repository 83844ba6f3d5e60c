import { lstatSync, readlinkSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { TreeEntry } from '@build-machines/protocol';
import { hashFile } from '../content/hash-file.js';
import { isErrno } from '../durable/errno.js';
import type { Manifest, StoredStat } from './manifest.js';
import { ancestors } from './path-folders.js';

/** What is on disk at a path. `content`: digest of a file, or target of a link, where it is known for sure. */
export interface Observation {
  readonly kind: 'absent' | 'file' | 'directory' | 'symlink' | 'other';
  readonly content?: string;
  readonly mode?: number;
  readonly stat?: StoredStat;
}

/** Paths looked at between two turns of the event loop: about five milliseconds of lstat(2). */
const BATCH = 1000;

const ABSENT: Observation = { kind: 'absent' };

/**
 * Looks at the paths of a sync on disk, without ever following a link: what lies below a link or a file counts as absent.
 * A file whose stat is the stored one has the stored content; any other is read and hashed if an entry expects a file of
 * its size there, so that a touched but unchanged file, or one that a lost manifest forgot, costs no transfer.
 */
export async function observe(
  root: string,
  manifest: Manifest,
  target: ReadonlyMap<string, TreeEntry>,
  tracked: Iterable<string>,
): Promise<Map<string, Observation>> {
  const paths = new Set<string>();
  for (const path of [...target.keys(), ...tracked]) {
    for (const folder of ancestors(path)) paths.add(folder);
    paths.add(path);
  }
  const seen = new Map<string, Observation>();
  let looked = 0;
  // Sorted, a folder comes before what it holds.
  for (const path of [...paths].sort()) {
    if (++looked % BATCH === 0) await setImmediate();
    const parent = path.lastIndexOf('/') === -1 ? undefined : seen.get(path.slice(0, path.lastIndexOf('/')));
    const reachable = parent === undefined || parent.kind === 'directory';
    seen.set(path, reachable ? await look(join(root, path), manifest.get(path), target.get(path)) : ABSENT);
  }
  return seen;
}

async function look(
  file: string,
  stored: { entry: TreeEntry; stat: StoredStat } | undefined,
  wanted: TreeEntry | undefined,
): Promise<Observation> {
  const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return ABSENT;
  const kind = kindOf(stats);
  const stat = storedStat(stats);
  const mode = Number(stats.mode & 0o7777n);
  if (kind === 'symlink') return { kind, stat, content: readlinkSync(file) };
  if (kind !== 'file') return { kind, stat, mode };
  if (stored?.entry.kind === 'file' && sameStat(stored.stat, stat))
    return { kind, stat, mode, content: stored.entry.sha256 };
  const expected = [stored?.entry, wanted].some((entry) => entry?.kind === 'file' && BigInt(entry.size) === stats.size);
  return { kind, stat, mode, content: expected ? await hashIfReadable(file) : undefined };
}

/** A file that the agent's own account may not read any more (a build took the right away) has no known content. */
async function hashIfReadable(file: string): Promise<string | undefined> {
  try {
    return await hashFile(file);
  } catch (error) {
    if (isErrno(error, 'EACCES', 'EPERM', 'ENOENT')) return undefined;
    throw error;
  }
}

function kindOf(stats: BigIntStats): Observation['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

export function storedStat(stats: BigIntStats): StoredStat {
  return {
    size: String(stats.size),
    mtimeNs: String(stats.mtimeNs),
    ctimeNs: String(stats.ctimeNs),
    ino: String(stats.ino),
  };
}

/** Whether nothing touched a path between two looks at it. */
export function sameStat(a: StoredStat, b: StoredStat): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino;
}
