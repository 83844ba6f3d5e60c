import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownPlaces, removeTree, removeUnnameable } from '@build-machines/owned-files';
import {
  MAX_WRITTEN_FILES,
  NOTHING_WRITTEN,
  type FileEntry,
  type WrittenFile,
  type WrittenFiles,
} from '@build-machines/protocol';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import { forgetBuilt } from '../build-outputs/built-from.js';
import { hashFile } from '../content/hash-file.js';
import { isErrno } from '../durable/errno.js';
import type { Mirror } from '../mirrors/mirror.js';
import { liesInSources } from '../mirrors/path-folders.js';
import { foldersOf } from '../mirrors/transition.js';
import { findWritten, type FoundInTree, type TreeChanges } from './find-written.js';
import { readUntidy, removeUntidy, type UntidyMarker } from './untidy-marker.js';

/** Contents of written files that are kept for one run, in bytes together. */
const KEPT_BYTES = 128 * 1024 * 1024;

/** What is known of the run after which a tree is tidied. */
export interface TidiedRun {
  /** Where contents are kept, to be fetched. */
  readonly store: ArtifactStore;
  /** What its preparations had made: no news, unless the command changed it. */
  readonly prepared: readonly FoundInTree[];
}

/**
 * Takes out of a tree what was written beside its sources, so that the next run sees just what is sent for it. Called by
 * the holder of the mirror's lock. Safe to repeat after a crash: the marker goes last.
 * @param run absent where it is not known any more: then nothing is kept.
 */
export async function tidyTree(mirror: Mirror, run?: TidiedRun): Promise<WrittenFiles> {
  const marker = await readUntidy(mirror.folder);
  if (marker === undefined) return NOTHING_WRITTEN;
  const { root, manifest } = mirror;
  const changes = await findWritten(root, manifest, buildFolder(marker));
  const changed = await reallyChanged(mirror, changes.touched);
  const written = await listWritten(mirror, { ...changes, touched: changed }, run);
  await mirror.forget([...changed.map(({ path }) => path), ...changes.deleted]);
  const paths = [...changes.created, ...changed].map(({ path }) => path);
  await takeOut(mirror, paths);
  for (const folder of new Set(changes.unnameable)) await removeUnnameable(join(mirror.root, folder));
  removeEmpty(mirror.root, [...changes.emptied, ...foldersOf([...paths, ...changes.deleted])]);
  await forgetConfigured(mirror, marker, [
    ...paths,
    ...changes.deleted,
    ...changes.unnameable.map((folder) => `${folder}/`),
  ]);
  if (!mirror.visits.hasBeen) await removeUntidy(mirror.folder);
  return written;
}

/** The folder that cabal was told to build in. */
function buildFolder({ outputs }: UntidyMarker): string | undefined {
  return outputs === null ? undefined : dirname(outputs.folder);
}

/** Of what was touched, what has another content now. Permissions are put right by the next sync. */
async function reallyChanged({ root, manifest }: Mirror, touched: readonly FoundInTree[]): Promise<FoundInTree[]> {
  const changed: FoundInTree[] = [];
  for (const found of touched) {
    const entry = manifest.get(found.path)?.entry;
    const isSame =
      entry?.kind === 'file' &&
      found.kind === 'file' &&
      BigInt(entry.size) === BigInt(found.stat.size) &&
      (await digestOf(join(root, found.path))) === entry.sha256;
    if (!isSame) changed.push(found);
  }
  return changed;
}

async function digestOf(file: string): Promise<string> {
  try {
    return await hashFile(file);
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error;
    chmodSync(file, 0o600);
    return hashFile(file);
  }
}

async function listWritten(
  { root, manifest }: Mirror,
  { created, touched, deleted, unnameable }: TreeChanges,
  run: TidiedRun | undefined,
): Promise<WrittenFiles> {
  if (run === undefined) return NOTHING_WRITTEN;
  const prepared = new Map(run.prepared.map(({ path, stat }) => [path, JSON.stringify(stat)]));
  const news = created.filter(({ path, stat }) => prepared.get(path) !== JSON.stringify(stat));
  const all = [
    ...news.map((found) => ({ found, change: 'created' as const })),
    ...touched.map((found) => ({ found, change: 'changed' as const })),
  ];
  const gone = deleted.map((path): WrittenFile => {
    const entry = manifest.get(path)?.entry as FileEntry | undefined;
    return { path, change: 'deleted', size: 0, sha256: null, mode: entry?.mode ?? 0 };
  });
  const files: WrittenFile[] = [];
  let bytes = 0;
  for (const { found, change } of all.slice(0, MAX_WRITTEN_FILES)) {
    const size = Number(found.stat.size);
    const isKept = found.kind === 'file' && bytes + size <= KEPT_BYTES;
    if (isKept) bytes += size;
    const sha256 = isKept ? await keep(run.store, join(root, found.path)) : null;
    files.push({ path: found.path, change, size, sha256, mode: found.mode });
  }
  const listed = [...files, ...gone].sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MAX_WRITTEN_FILES);
  return { count: all.length + gone.length + unnameable.length, files: listed };
}

async function keep(store: ArtifactStore, file: string): Promise<string> {
  try {
    return (await store.add(file)).sha256;
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error;
    chmodSync(file, 0o600);
    return (await store.add(file)).sha256;
  }
}

/** Moves it all to one folder, which is removed as a whole: a name at a time costs too long for ten thousand. */
async function takeOut({ folder, root }: Mirror, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const out = join(folder, 'taken-out');
  await removeTree(out);
  mkdirSync(out, { mode: 0o700 });
  const places = ownPlaces(root, out);
  for (const [index, path] of paths.entries())
    inWritable(dirname(join(root, path)), () => {
      places.move(join(root, path), join(out, String(index)));
    });
  await removeTree(out);
}

function removeEmpty(root: string, folders: readonly string[]): void {
  const places = ownPlaces(root);
  for (const folder of new Set([...folders].sort((a, b) => b.length - a.length)))
    inWritable(dirname(join(root, folder)), () => {
      try {
        places.removeEmptyFolder(join(root, folder));
      } catch (error) {
        // Other sources or build products keep it; or what a build put in its place is gone.
        if (!isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR')) throw error;
      }
    });
}

function inWritable(folder: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!isErrno(error, 'EACCES')) throw error;
    chmodSync(folder, 0o755);
    change();
  }
}

/**
 * A package that configures itself may have written what its build needs, or its tests what configuring would read:
 * its outputs are made anew by the next run that builds it.
 */
async function forgetConfigured(mirror: Mirror, { outputs }: UntidyMarker, paths: readonly string[]): Promise<void> {
  if (outputs === null || paths.length === 0) return;
  const affected = outputs.packages
    .filter(({ ownSetup, sources }) => ownSetup && paths.some(liesInSources([sources])))
    .map(({ name }) => name);
  if (affected.length > 0) await forgetBuilt(mirror.folder, outputs.folder, affected);
}
