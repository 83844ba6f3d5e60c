import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnedFolder } from '@build-machines/owned-files';
import type { Artifact } from '@build-machines/protocol';

/** What of ours lies at the destination now. */
export interface LocalContent {
  /**
   * For each wanted digest that is here: a file that has it, absolute, with its mode, and whether the file is right where
   * it is.
   */
  readonly byDigest: ReadonlyMap<string, { readonly path: string; readonly mode: number; readonly stays: boolean }>;
  /** Paths of the artifacts that are here as they should be. */
  readonly right: ReadonlySet<string>;
  /** Whether it is exactly what is wanted: nothing to fetch, to move, to remove. */
  readonly complete: boolean;
}

/** Looks for wanted contents among our files at the destination; reads only those whose size fits one. */
export async function localContent(folder: OwnedFolder, wanted: readonly Artifact[]): Promise<LocalContent> {
  const sizes = new Set(wanted.map(({ size }) => size));
  const digests = new Set(wanted.map(({ sha256 }) => sha256));
  const expected = new Map(wanted.map((artifact) => [artifact.path, artifact]));
  const byDigest = new Map<string, { path: string; mode: number; stays: boolean }>();
  const right = new Set<string>();
  for (const relative of folder.files) {
    const path = join(folder.path, relative);
    const stat = await lstat(path).catch(() => undefined);
    // A file behind a link that somebody put there is not ours.
    if (stat?.isFile() !== true || !sizes.has(stat.size) || (await realpath(path)) !== path) continue;
    const sha256 = await hashOf(path);
    if (!digests.has(sha256)) continue;
    const mode = stat.mode & 0o777;
    const artifact = expected.get(relative);
    const stays = artifact?.sha256 === sha256 && artifact.mode === mode;
    if (stays) right.add(relative);
    // One that does not stay can become a new file without a copy.
    if (!stays || !byDigest.has(sha256)) byDigest.set(sha256, { path, mode, stays });
  }
  return { byDigest, right, complete: folder.files.length === expected.size && right.size === expected.size };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
