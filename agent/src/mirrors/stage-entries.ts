import { chmod, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { copyToOwn, moveOwn } from '@build-machines/owned-files';
import type { FileEntry } from '@build-machines/protocol';
import { isErrno } from '../durable/errno.js';
import { ContentMissingError } from './mirror-errors.js';
import type { Observation } from './observe.js';
import type { Transition } from './transition.js';

/** Finds contents that are already on the machine and writes verified copies of them. */
export interface ContentSource {
  /** @returns whether the content was found, verified and written to `destination`. */
  copyTo(destination: string, content: { sha256: string; size: number }): Promise<boolean>;
}

/**
 * Puts all entries of a transition into the staging folder under their slots, with their final mode and times.
 *
 * Times: a file whose content changes gets the machine's present time, and always a later one than the path had before
 * and than `builtUntilMs`, the end of the last build in this mirror. GHC before 9.4 compares times, so an older time would
 * leave a stale object in use; the workstation's own times play no part.
 * @param received folder of the contents that came with the request, by digest; they are used up.
 * @returns the staged files, for flushing.
 * @throws ContentMissingError naming all that could not be found.
 */
export async function stageEntries(
  staged: Transition['staged'],
  folders: { staged: string; received: string | null },
  source: ContentSource,
  times: { nowMs: number; builtUntilMs: number; observed: ReadonlyMap<string, Observation> },
): Promise<string[]> {
  const uses = new Map<string, number>();
  for (const { entry } of staged) if (entry.kind === 'file') uses.set(entry.sha256, (uses.get(entry.sha256) ?? 0) + 1);
  const first = new Map<string, string>();
  const missing = new Set<string>();
  const files: string[] = [];
  for (const { slot, entry } of staged) {
    const file = join(folders.staged, String(slot));
    if (entry.kind === 'symlink') {
      await symlink(entry.target, file);
      continue;
    }
    if (missing.has(entry.sha256)) continue;
    if (!(await provide(entry, file, folders.received, source, first))) {
      missing.add(entry.sha256);
      continue;
    }
    await stamp(file, entry, times);
    files.push(file);
  }
  if (missing.size > 0) throw new ContentMissingError([...missing]);
  return files;
}

async function provide(
  entry: FileEntry,
  file: string,
  received: string | null,
  source: ContentSource,
  first: Map<string, string>,
): Promise<boolean> {
  const sibling = first.get(entry.sha256);
  if (sibling !== undefined) {
    await copyToOwn(sibling, file);
    return true;
  }
  first.set(entry.sha256, file);
  if (received !== null && (await moveIfThere(join(received, entry.sha256), file))) return true;
  return source.copyTo(file, entry);
}

async function moveIfThere(from: string, to: string): Promise<boolean> {
  try {
    await moveOwn(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

async function stamp(
  file: string,
  entry: FileEntry,
  times: { nowMs: number; builtUntilMs: number; observed: ReadonlyMap<string, Observation> },
): Promise<void> {
  const before = times.observed.get(entry.path)?.stat?.mtimeNs;
  const beforeMs = before === undefined ? 0 : Number(BigInt(before) / 1_000_000n);
  const seconds = Math.max(times.nowMs, times.builtUntilMs + 1, beforeMs + 1) / 1000;
  await utimes(file, seconds, seconds);
  await chmod(file, entry.mode);
}
