import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ReusedPackage, RunCommand } from '@build-machines/protocol';
import { z } from 'zod';
import { listFiles } from '../artifacts/list-files.js';
import { isErrno } from '../durable/errno.js';
import { readJson } from '../durable/read-json.js';
import { removeTree } from '../durable/remove-tree.js';
import { writeDurably } from '../durable/write-durably.js';
import { liesInside } from '../mirrors/lies-inside.js';
import type { Mirror } from '../mirrors/mirror.js';
import { entriesByPackage, unwatchedDigests } from './source-digests.js';
import { modulesThatReadMore, untrustedOutputs } from './untrusted-outputs.js';

/** `<mirror>/built-from.json`: by folder of outputs, the digest of what they were last made from. */
const BuiltFrom = z.record(z.string(), z.string());

/**
 * Removes what earlier builds left of a command's packages and the build tool would wrongly take for current; see
 * docs/decisions/0011-outputs-that-are-not-trusted.md. Called by the holder of the mirror's lock, after the sync. The
 * digests are recorded after the removal: what a crash interrupts is done again.
 */
export async function dropUntrustedOutputs(
  mirror: Pick<Mirror, 'folder' | 'root' | 'manifest'>,
  { outputs, env }: Pick<RunCommand, 'outputs' | 'env'>,
): Promise<void> {
  if (outputs === undefined) return;
  const file = join(mirror.folder, 'built-from.json');
  const known = (await readJson(file, BuiltFrom)) ?? {};
  const digests = unwatchedDigests(mirror.manifest, outputs.packages, env);
  const key = ({ name }: ReusedPackage): string => `${outputs.folder}/${name}`;
  const changed = outputs.packages.filter((item) => known[key(item)] !== digests.get(item.name));
  if (changed.length === 0) return;
  const entries = entriesByPackage(mirror.manifest, outputs.packages);
  const folders = await outputFolders(mirror.root, outputs.folder);
  for (const item of changed) {
    const sources = (entries.get(item.name) ?? []).filter(({ kind }) => kind !== 'directory').map(({ path }) => path);
    await drop(mirror.root, folders.get(item.name) ?? [], item, sources);
  }
  const news = changed.map((item) => [key(item), digests.get(item.name)]);
  await writeDurably(file, JSON.stringify({ ...known, ...Object.fromEntries(news) }));
}

async function drop(
  tree: string,
  folders: readonly string[],
  { anyModule }: ReusedPackage,
  sources: readonly string[],
): Promise<void> {
  if (folders.length === 0) return;
  const modules = anyModule ? null : await modulesThatReadMore(tree, sources);
  for (const folder of folders) {
    if (modules === null) await removeTree(folder);
    else
      for (const path of untrustedOutputs(await listFiles(folder), modules))
        await rm(join(folder, path), { force: true });
  }
}

/** Folders of outputs by package: one for each platform and compiler. Links are not followed. */
async function outputFolders(tree: string, folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const top = join(tree, folder);
  if (!(await isThereInside(tree, top))) return found;
  for (const platform of await foldersIn(top))
    for (const compiler of await foldersIn(platform))
      for (const path of await foldersIn(compiler)) {
        const name = basename(path);
        found.set(name, [...(found.get(name) ?? []), path]);
      }
  return found;
}

async function isThereInside(tree: string, folder: string): Promise<boolean> {
  try {
    return await liesInside(tree, folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}
