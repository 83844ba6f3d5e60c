import { chmodSync, lstatSync, readdirSync, type BigIntStats, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isErrno } from '../durable/errno.js';
import type { Manifest, StoredStat } from '../mirrors/manifest.js';
import { sameStat, storedStat } from '../mirrors/observe.js';
import { isBuildFile, isBuildFolder } from './kept-by-tools.js';

/** Something in a tree that is not as the last sync made it. */
export interface FoundInTree {
  readonly path: string;
  readonly kind: 'file' | 'symlink' | 'other';
  readonly stat: StoredStat;
  readonly mode: number;
}

/** How a tree differs from its manifest; paths are in order. */
export interface TreeChanges {
  /** What is in no record. */
  readonly created: readonly FoundInTree[];
  /** What is in the record, and was touched. */
  readonly touched: readonly FoundInTree[];
  /** What is in the record, and gone. */
  readonly deleted: readonly string[];
  /** Folders that hold something whose name is not UTF-8; once for each such thing. */
  readonly unnameable: readonly string[];
  /** Folders that hold nothing, or only what is created. */
  readonly emptied: readonly string[];
}

/** Entries looked at between two turns of the event loop. */
const BATCH = 1000;

/**
 * Compares a tree with its manifest: lists each folder once and looks at the stat data of each file, reads none. What
 * build tools keep is passed over, and links are not followed.
 * @param buildFolder another folder that the build tool writes to, relative to the tree.
 */
export async function findWritten(root: string, manifest: Manifest, buildFolder?: string): Promise<TreeChanges> {
  const created: FoundInTree[] = [];
  const touched: FoundInTree[] = [];
  const unnameable: string[] = [];
  const emptied: string[] = [];
  const seen = new Set<string>();
  let looked = 0;

  /** @returns whether something in the folder stays. */
  async function visit(folder: string): Promise<boolean> {
    let stays = false;
    for (const entry of namesIn(join(root, folder))) {
      if (++looked % BATCH === 0) await setImmediate();
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isUnnameable(entry.name, join(root, path))) unnameable.push(folder);
      else if (entry.isDirectory()) {
        const isKept = isBuildFolder(entry.name) || path === buildFolder;
        stays = isKept || (await visit(path)) || stays;
      } else stays = look(path, entry.name) || stays;
    }
    if (!stays && folder !== '') emptied.push(folder);
    return stays;
  }

  function look(path: string, name: string): boolean {
    const stats = lstatSync(join(root, path), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return false;
    const stored = manifest.get(path);
    const stat = storedStat(stats);
    if (stored !== undefined) seen.add(path);
    else if (isBuildFile(name)) return true;
    if (stored !== undefined && sameStat(stored.stat, stat)) return true;
    const found = { path, kind: kindOf(stats), stat, mode: Number(stats.mode & 0o777n) };
    (stored === undefined ? created : touched).push(found);
    return stored !== undefined;
  }

  await visit('');
  const deleted = [...manifest.keys()].filter((path) => !seen.has(path)).sort();
  return { created: inOrder(created), touched: inOrder(touched), deleted, unnameable, emptied };
}

/** Names that are not UTF-8 are read with U+FFFD in them, and nothing has that name. */
function isUnnameable(name: string, path: string): boolean {
  return name.includes('\uFFFD') && lstatSync(path, { throwIfNoEntry: false }) === undefined;
}

/** What a build left without permissions gets them back: the folders of a mirror are the agent's. */
function namesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error;
    chmodSync(folder, 0o755);
    return readdirSync(folder, { withFileTypes: true });
  }
}

function kindOf(stats: BigIntStats): FoundInTree['kind'] {
  if (stats.isFile()) return 'file';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function inOrder(found: readonly FoundInTree[]): FoundInTree[] {
  return [...found].sort((a, b) => (a.path < b.path ? -1 : 1));
}
