import { constants, lstatSync, renameSync } from 'node:fs';
import {
  chmod,
  copyFile,
  cp,
  type FileHandle,
  lstat,
  open,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  unlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './errno.js';
import { forgetMade, rememberMade, requireOurs } from './own-tree.js';
import { NotRemovableError } from './ownership-errors.js';
import { writeAside } from './replace-file.js';

/** Makes a new file for writing; this process may remove it, wherever it is. Fails with EEXIST when something is there. */
export async function openNew(path: string, mode: number): Promise<FileHandle> {
  const file = await open(path, 'wx', mode);
  rememberMade(path);
  return file;
}

/** Removes a file, socket or link of ours; none is as good. @throws NotRemovableError */
export async function removeFile(path: string): Promise<void> {
  if (isGone(path)) return;
  requireOurs(path);
  await unlink(path).catch(unlessGone);
  forgetMade(path);
}

/** Removes a folder of ours with everything in it; links in it are removed, not followed. @throws NotRemovableError */
export async function removeTree(path: string): Promise<void> {
  if (isGone(path)) return;
  requireOurs(path);
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    // Builds and tests leave folders without write permission.
    if (!isErrno(error, 'EACCES', 'EPERM')) throw error;
    await openUp(path);
    await rm(path, { recursive: true, force: true });
  }
  forgetMade(path);
}

/** Removes, from a folder of ours, what has a name that is not UTF-8 and that no text can therefore name. */
export async function removeUnnameable(folder: string): Promise<void> {
  requireOurs(folder);
  for (const name of await readdir(folder, { encoding: 'buffer' }))
    if (!Buffer.from(name.toString('utf8')).equals(name))
      await rm(Buffer.concat([Buffer.from(`${folder}/`), name]), { recursive: true, force: true });
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
}

/** Removes a socket at a path that is ours by agreement, also outside of our folders. Never anything but a socket. */
export async function removeSocket(path: string): Promise<void> {
  if (isGone(path)) return;
  if (!(await lstat(path)).isSocket()) requireOurs(path);
  await unlink(path).catch(unlessGone);
}

/** Moves something of ours to a place of ours, whatever is there. @throws NotRemovableError */
export async function moveOwn(from: string, to: string): Promise<void> {
  requireOurs(from);
  requireOurs(to);
  await rename(from, to);
}

/** {@link moveOwn}, at once. */
export function moveOwnSync(from: string, to: string): void {
  requireOurs(from);
  requireOurs(to);
  renameSync(from, to);
}

/** Copies any file to a place of ours, whatever is there; without a copy of the blocks where the file system can. */
export async function copyToOwn(from: string, to: string): Promise<void> {
  requireOurs(to);
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

/** Copies a folder of any owner to a place of ours. @throws NotRemovableError */
export async function copyTreeToOwn(from: string, to: string): Promise<void> {
  requireOurs(to);
  await cp(from, to, { recursive: true });
}

/** Cuts a file of ours. @throws NotRemovableError */
export async function cutFile(path: string, length: number): Promise<void> {
  requireOurs(path);
  await truncate(path, length);
}

/**
 * Writes a single file in a folder of others, such as a systemd unit. It is ours by how it begins.
 * @throws NotRemovableError when there is one that begins otherwise.
 */
export async function replaceMarkedFile(path: string, beginning: string, text: string, mode: number): Promise<void> {
  await requireMarked(path, beginning);
  await writeAside(path, text, mode);
}

/** Removes a file of {@link replaceMarkedFile}. @throws NotRemovableError when it begins otherwise. */
export async function removeMarkedFile(path: string, beginning: string): Promise<void> {
  await requireMarked(path, beginning);
  await unlink(path).catch(unlessGone);
}

async function requireMarked(path: string, beginning: string): Promise<void> {
  if (isGone(path)) return;
  if (!(await readFile(path, 'utf8')).startsWith(beginning)) throw new NotRemovableError(path);
}

function isGone(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    unlessGone(error);
    return true;
  }
}

function unlessGone(error: unknown): void {
  if (!isErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
}
