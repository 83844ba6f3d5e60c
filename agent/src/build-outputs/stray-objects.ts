import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import { listFiles } from '../artifacts/list-files.js';
import { isErrno } from '../durable/errno.js';

/** Folders that cabal makes in a package's folder of outputs, by component and for itself. */
const OWN_FOLDERS: ReadonlySet<string> = new Set([
  'build',
  'x',
  't',
  'b',
  'f',
  'l',
  'cache',
  'doc',
  'package.conf.inplace',
]);

const OBJECT = /\.(?:[a-z]+_)*o$/;

/**
 * Removes objects that cabal put outside of the folders of their packages' outputs. Of `c-sources: ../../cbits/k.c` it
 * writes `<folder of the component's objects>/../../cbits/k.o`, for a library beside the folders of all packages, and
 * takes that file for current whoever has written it last, with whatever options and headers. A package that cabal builds
 * makes them again; for any other nobody looks for them.
 * @param tree of a mirror; @param folder of all packages' outputs in it, `<folder>/<platform>/<compiler>/<package>`.
 */
export async function removeStrayObjects(tree: string, folder: string): Promise<void> {
  const outputs = join(tree, folder);
  await removeBeside(dirname(outputs), (name) => name === basename(outputs));
  for (const platform of await foldersIn(outputs)) {
    await removeBeside(platform, isCompiler);
    for (const compiler of await foldersIn(platform, isCompiler)) {
      await removeBeside(compiler, isPackage);
      for (const pkg of await foldersIn(compiler, isPackage)) await removeBeside(pkg, (name) => OWN_FOLDERS.has(name));
    }
  }
}

function isCompiler(name: string): boolean {
  return /^ghc(?:js)?-\d/.test(name);
}

function isPackage(name: string): boolean {
  return /-\d+(?:\.\d+)*$/.test(name);
}

/** Removes the objects in a folder, but those in folders that belong there. */
async function removeBeside(folder: string, belongs: (name: string) => boolean): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile() && OBJECT.test(entry.name)) await removeFile(path);
    if (!entry.isDirectory() || belongs(entry.name)) continue;
    for (const file of await listFiles(path)) if (OBJECT.test(file)) await removeFile(join(path, file));
  }
}

async function foldersIn(folder: string, wanted: (name: string) => boolean = () => true): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries.filter((entry) => entry.isDirectory() && wanted(entry.name)).map(({ name }) => join(folder, name));
}

/** Links are neither listed nor followed. */
async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
