import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { removeFile, removeTree } from '@build-machines/owned-files';
import type { ReusedOutputs, ReusedPackage, RunCommand } from '@build-machines/protocol';
import { listFiles } from '../artifacts/list-files.js';
import { isErrno } from '../durable/errno.js';
import { liesInside } from '../mirrors/lies-inside.js';
import type { Mirror } from '../mirrors/mirror.js';
import { builtKey, readBuiltFrom, writeBuiltFrom } from './built-from.js';
import { entriesByPackage, type SourceDigests, sourceDigests } from './source-digests.js';
import { removeStrayObjects } from './stray-objects.js';
import {
  buildRecords,
  compiledFrom,
  modulesThatReadMore,
  outputsOfUsers,
  untrustedOutputs,
} from './untrusted-outputs.js';

/**
 * Removes what earlier builds left of a command's packages and the build tool would wrongly take for current; see
 * docs/decisions/0011-outputs-that-are-not-trusted.md. Called by the holder of the mirror's lock, after the sync. The
 * digests are recorded after the removal: what a crash interrupts is done again.
 */
export async function dropUntrustedOutputs(
  mirror: Pick<Mirror, 'folder' | 'root' | 'manifest'>,
  { outputs, env, traits }: Pick<RunCommand, 'outputs' | 'env' | 'traits'>,
): Promise<void> {
  if (outputs === undefined) return;
  if (await isThereInside(mirror.root, join(mirror.root, outputs.folder)))
    await removeStrayObjects(mirror.root, outputs.folder);
  const known = await readBuiltFrom(mirror.folder);
  const digests = sourceDigests(mirror.manifest, outputs.packages, env);
  const news = outputs.packages.flatMap((item) => recordsOf(outputs, item, digests.get(item.name), traits));
  const changed = new Map<ReusedPackage, Change[]>();
  for (const { key, digest, item, change } of news)
    if (known[key] !== digest) changed.set(item, [...(changed.get(item) ?? []), change]);
  if (changed.size === 0) return;
  const entries = entriesByPackage(mirror.manifest, outputs.packages);
  const folders = await outputFolders(mirror.root, outputs.folder);
  for (const [item, changes] of changed) {
    const sources = (entries.get(item.name) ?? []).map(({ path }) => path);
    await drop(mirror.root, folders.get(item.name) ?? [], item, changes, sources);
  }
  const record = Object.fromEntries(news.map(({ key, digest }) => [key, digest]));
  await writeBuiltFrom(mirror.folder, { ...known, ...record });
}

/**
 * What has changed since a package's outputs were made: of its sources, or of the conditions under which anything is
 * compiled, which are the machine's traits and which warnings are errors.
 */
type Change = keyof SourceDigests | 'conditions';

interface DigestRecord {
  readonly item: ReusedPackage;
  readonly change: Change;
  readonly key: string;
  readonly digest: string;
}

function recordsOf(
  { folder, strictness }: ReusedOutputs,
  item: ReusedPackage,
  digests: SourceDigests | undefined,
  traits: string | undefined,
): DigestRecord[] {
  if (digests === undefined) return [];
  const key = builtKey(folder, item.name);
  return [
    { item, change: 'unwatched', key, digest: digests.unwatched },
    { item, change: 'own', key: `${key}:own`, digest: digests.own },
    { item, change: 'libraries', key: `${key}:libraries`, digest: digests.libraries },
    {
      item,
      change: 'conditions',
      key: `${key}:conditions`,
      digest: JSON.stringify([traits, strictness, item.strictness]),
    },
  ];
}

async function drop(
  tree: string,
  folders: readonly string[],
  { anyModule, ownLibraries }: ReusedPackage,
  changes: readonly Change[],
  sources: readonly string[],
): Promise<void> {
  if (folders.length === 0) return;
  if (changes.includes('conditions') || (anyModule && changes.includes('unwatched'))) {
    for (const folder of folders) await removeTree(folder);
    return;
  }
  const modules = await modulesThatReadMore(tree, sources);
  const used = ownLibraries.length > 0 && changes.includes('libraries');
  for (const folder of folders) {
    const outputs = await listFiles(folder);
    const untrusted = changes.includes('unwatched')
      ? untrustedOutputs(outputs, modules.all)
      : [
          ...buildRecords(outputs),
          ...compiledFrom(outputs, modules.preprocessed),
          ...(used ? compiledFrom(outputsOfUsers(outputs), anyModule ? 'any' : modules.all) : []),
        ];
    for (const path of new Set(untrusted)) await removeFile(join(folder, path));
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
