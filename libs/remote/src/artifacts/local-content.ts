import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '@build-machines/protocol';

/** What lies at the destination now. */
export interface LocalContent {
  /** Absolute path of a file, for each wanted digest that is here, with that file's mode. */
  readonly byDigest: ReadonlyMap<string, { readonly path: string; readonly mode: number }>;
  /** Whether it is exactly what is wanted: nothing to fetch, to move, to remove. */
  readonly complete: boolean;
}

/** Looks for wanted contents among the files at the destination; reads only those whose size fits one. */
export async function localContent(destination: string, wanted: readonly Artifact[]): Promise<LocalContent> {
  const sizes = new Set(wanted.map(({ size }) => size));
  const digests = new Set(wanted.map(({ sha256 }) => sha256));
  const expected = new Map(wanted.map((artifact) => [artifact.path, artifact]));
  const byDigest = new Map<string, { path: string; mode: number }>();
  let right = 0;
  let others = 0;
  for (const relative of await filesBelow(destination)) {
    const path = join(destination, relative);
    const stat = await lstat(path);
    const sha256 = stat.isFile() && sizes.has(stat.size) ? await hashOf(path) : undefined;
    const mode = stat.mode & 0o777;
    const known = sha256 !== undefined && digests.has(sha256);
    if (known && (!byDigest.has(sha256) || expected.get(relative)?.mode === mode)) byDigest.set(sha256, { path, mode });
    const artifact = expected.get(relative);
    if (artifact !== undefined && artifact.sha256 === sha256 && artifact.mode === mode) right += 1;
    else others += 1;
  }
  return { byDigest, complete: others === 0 && right === expected.size };
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
