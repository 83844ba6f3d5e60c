import { TreePath } from '@build-machines/protocol';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrno, NO_LINKS } from './errno.js';

/** Names in an owned folder that begin so are for our own bookkeeping. */
export const RESERVED_PREFIX = '.build-machines-';

/** Whether a path, relative to an owned folder, belongs to our own bookkeeping. */
export function isReservedPath(path: string): boolean {
  return path.startsWith(RESERVED_PREFIX);
}

/** Name of the file that makes a folder ours. */
export const MARKER_NAME = `${RESERVED_PREFIX}folder.json`;

/** Room for about half a million files of documentation. */
const MAX_MARKER_BYTES = 64 * 1024 ** 2;

const NOTE = 'build-machines made this folder. It replaces and removes the files listed here, and no others.';

/** Whether a name in an owned folder is one that we give to what we make there for a while: see `stage`, `writeBeside`. */
export function isPassing(name: string): boolean {
  return /^\.build-machines-(marker-[0-9a-f]{12}|new-[A-Za-z0-9]{6})$/.test(name);
}

/** What a marker says. It depends on nothing but the contents, because Nx stores and restores it with them. */
const Marker = z.object({
  note: z.string().default(NOTE),
  madeFor: z.string(),
  files: z.array(TreePath),
  folders: z.array(TreePath),
});
export type Marker = z.infer<typeof Marker>;

/** The marker of a folder all of whose contents are ours; see own-tree.ts. */
export const TreeMarker = z.object({ madeFor: z.string(), everything: z.literal(true) });

const TREE_NOTE = 'build-machines made this folder and everything in it. It may replace and remove all of it.';

/** The text of a tree's marker, for a folder on another computer. */
export function treeMarkerText(madeFor: string): string {
  return `${JSON.stringify({ note: TREE_NOTE, madeFor, everything: true }, null, 2)}\n`;
}

/** Marks a folder as a tree. @returns false when another process was first. */
export function createTreeMarker(folder: string, madeFor: string): Promise<boolean> {
  return createFrom(folder, { note: TREE_NOTE, madeFor, everything: true });
}

/** Whether a folder has a marker, damaged or not. */
export async function hasMarker(folder: string): Promise<boolean> {
  return (await readMarker(folder)) !== undefined;
}

/** @returns undefined when there is none; 'damaged' for a file that we did not write like this. */
export async function readMarker(folder: string): Promise<Marker | 'damaged' | undefined> {
  let text: string | undefined;
  try {
    text = await readOrdinaryFile(join(folder, MARKER_NAME));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (isErrno(error, 'ELOOP', 'ENXIO')) return 'damaged'; // A link, or a socket.
    throw error;
  }
  if (text === undefined) return 'damaged';
  try {
    return Marker.parse(JSON.parse(text));
  } catch {
    return 'damaged'; // Only a whole marker proves that a folder is ours.
  }
}

/** The text of a file; undefined for what is none, such as a pipe that nobody writes to, or is too large. */
async function readOrdinaryFile(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    return found.isFile() && found.size <= MAX_MARKER_BYTES ? await file.readFile('utf8') : undefined;
  } finally {
    await file.close();
  }
}

/** Marks a folder. @returns false when another process was first. */
export function createMarker(folder: string, marker: Omit<Marker, 'note'>): Promise<boolean> {
  return createFrom(folder, contentOf(marker));
}

/** Replaces the marker of a folder that is ours. */
export async function replaceMarker(folder: string, marker: Omit<Marker, 'note'>): Promise<void> {
  await rename(await writeBeside(folder, contentOf(marker)), join(folder, MARKER_NAME));
}

function contentOf({ madeFor, files, folders }: Omit<Marker, 'note'>): Marker {
  return { note: NOTE, madeFor, files: [...files].sort(), folders: [...folders].sort() };
}

async function createFrom(folder: string, content: object): Promise<boolean> {
  const aside = await writeBeside(folder, content);
  try {
    // Unlike rename(2), link(2) never replaces a marker.
    await link(aside, join(folder, MARKER_NAME));
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    if (!isErrno(error, ...NO_LINKS)) throw error;
    // Some file systems, such as Windows drives in WSL, have no links. Only then could two processes meet here.
    await rename(aside, join(folder, MARKER_NAME));
    return true;
  } finally {
    await rm(aside, { force: true });
  }
}

async function writeBeside(folder: string, content: object): Promise<string> {
  const aside = join(folder, `${RESERVED_PREFIX}marker-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(aside, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    await rm(aside, { force: true }); // A full disk leaves an empty file.
    throw error;
  }
  return aside;
}
