import { type OwnPlaces, ownPlaces } from '@build-machines/owned-files';
import { chmodSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isErrno } from '../durable/errno.js';
import { ancestors } from './path-folders.js';
import { parkedName, type Step } from './step.js';

/** Where a mirror keeps what an update works with; all on one filesystem. */
export interface UpdateFolders {
  /** The tree itself. */
  readonly root: string;
  /** Staged entries by slot. */
  readonly staged: string;
  /** What was moved out of the tree, or from the parked files, by slot. */
  readonly retired: string;
  /** What is kept for a later update, by {@link parkedName}. */
  readonly parked: string;
}

/** Steps taken between two turns of the event loop. */
const BATCH = 200;

/**
 * Takes the steps of a transition. Taking them again after an interruption at any point, from the start, ends in the same
 * tree; see {@link Step}. No step reaches through a link: each parent of a path is looked at with lstat(2) first.
 * @param checkpoint called before each step; throws in tests that interrupt an update.
 */
export async function runSteps(folders: UpdateFolders, steps: readonly Step[], checkpoint: () => void): Promise<void> {
  const realFolders = new Set<string>();
  const places = ownPlaces(folders.root, folders.staged, folders.retired, folders.parked);
  for (const [index, step] of steps.entries()) {
    if (index % BATCH === BATCH - 1) await setImmediate();
    checkpoint();
    takeStep(folders, step, { realFolders, places });
  }
}

function takeStep(
  folders: UpdateFolders,
  step: Step,
  { realFolders, places }: { readonly realFolders: Set<string>; readonly places: OwnPlaces },
): void {
  const { root, staged, retired } = folders;
  const parked = join(folders.parked, parkedName(step.path));
  const path = join(root, step.path);
  if (step.do === 'drop') {
    retire(parked, join(retired, String(step.slot)), { reachable: true, places });
    return;
  }
  const reachable = hasRealParents(root, step.path, realFolders);
  if (step.do === 'retire') {
    retire(path, join(retired, String(step.slot)), { reachable, places });
    realFolders.clear();
    return;
  }
  if (step.do === 'park') {
    if (reachable) park(path, parked, places);
    return;
  }
  if (step.do === 'prune') {
    if (reachable) prune(path, places);
    realFolders.clear();
    return;
  }
  if (!reachable) throw new Error(`a folder above ${JSON.stringify(step.path)} is not a folder any more`);
  switch (step.do) {
    case 'folder':
      inWritableParent(path, () => {
        makeFolder(path);
      });
      return;
    case 'place':
      if (exists(join(staged, String(step.slot))))
        inWritableParent(path, () => {
          places.move(join(staged, String(step.slot)), path);
        });
      return;
    case 'unpark':
      if (exists(parked))
        inWritableParent(path, () => {
          places.move(parked, path);
        });
      return;
    case 'mode':
      // Never chmod(2) through a link: the planned file may be one only if something interfered since.
      if (lstatSync(path).isFile()) chmodSync(path, step.mode);
  }
}

/** Leaves a marker when there is nothing to move, so that a replay never mistakes a later file for the old one. */
function retire(
  path: string,
  marker: string,
  { reachable, places }: { readonly reachable: boolean; readonly places: OwnPlaces },
): void {
  if (exists(marker)) return;
  if (!reachable || !exists(path)) {
    writeFileSync(marker, '');
    return;
  }
  // Moving a folder rewrites its `..`, which needs write permission on the folder itself.
  if (lstatSync(path).isDirectory()) chmodSync(path, 0o700);
  inWritableParent(path, () => {
    places.move(path, marker);
  });
}

/** Once it is parked, a folder at the path is one that a later step of an interrupted update has made. */
function park(path: string, parked: string, places: OwnPlaces): void {
  if (exists(parked) || !exists(path)) return;
  inWritableParent(path, () => {
    places.move(path, parked);
  });
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    if (!isErrno(error, 'EEXIST') || !lstatSync(path).isDirectory()) throw error;
  }
}

function prune(path: string, places: OwnPlaces): void {
  try {
    places.removeEmptyFolder(path);
  } catch (error) {
    // Build products keep their folder; a folder that is gone, or no folder any more, needs no removal.
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR')) throw error;
  }
}

/** Builds may take the write permission from a folder; the folders of a mirror are the agent's, so it takes it back. */
function inWritableParent(path: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error;
    chmodSync(dirname(path), 0o755);
    change();
  }
}

function hasRealParents(root: string, path: string, known: Set<string>): boolean {
  for (const folder of ancestors(path)) {
    if (known.has(folder)) continue;
    if (lstatSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory() !== true) return false;
    known.add(folder);
  }
  return true;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
