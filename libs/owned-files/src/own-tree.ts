import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isErrno } from './errno.js';
import { isReservedPath, MARKER_NAME, TreeMarker } from './marker.js';
import { NotRemovableError } from './ownership-errors.js';

/**
 * Trees are folders all of whose contents are ours, such as the state folder of a user or of an agent. A marker in the
 * topmost folder proves it. What a process made itself under a name that nobody else can have (mkdtemp(3), O_EXCL) needs
 * no marker while the process runs.
 */
const madeHere = new Set<string>();

/** Markers that were read, by what stat(2) said of them then. */
const read = new Map<string, string>();

/** Notes that this process made a file or folder that was not there. */
export function rememberMade(path: string): void {
  madeHere.add(resolve(path));
}

export function forgetMade(path: string): void {
  madeHere.delete(resolve(path));
}

/** Whether a folder has a tree's marker. */
function isTree(folder: string): boolean {
  const file = join(folder, MARKER_NAME);
  try {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return false;
    const state = `${found.dev} ${found.ino} ${found.ctimeMs}`;
    if (read.get(file) === state) return true;
    const isMarker = TreeMarker.safeParse(JSON.parse(readFileSync(file, 'utf8'))).success;
    if (isMarker) read.set(file, state);
    return isMarker;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * The tree that a path lies in or is: the nearest folder at or above it that is ours, reached without a symbolic link
 * below that folder. Undefined where there is none.
 */
export function treeOf(path: string): string | undefined {
  return nearest(path, (folder) => madeHere.has(folder) || isTree(folder));
}

/** {@link treeOf}, by markers alone: what other processes see too. */
export function markedTreeOf(path: string): string | undefined {
  return nearest(path, isTree);
}

function nearest(path: string, isOurs: (folder: string) => boolean): string | undefined {
  const full = resolve(path);
  if (isOurs(full)) return full;
  for (let folder = dirname(full); ; folder = dirname(folder)) {
    if (isOurs(folder)) return folder;
    // A link above would make the path be somewhere else than it seems.
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true) return undefined;
    if (dirname(folder) === folder) return undefined;
  }
}

/** @throws NotRemovableError unless a path lies in a tree of ours: only there may anything be replaced or removed. */
export function requireOurs(path: string): void {
  if (treeOf(path) === undefined) throw new NotRemovableError(path);
}

/** The names in a folder that are not our bookkeeping. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => !isReservedPath(name));
}
