import { writeFile } from 'node:fs/promises';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { copyVerified } from '../content/copy-verified.js';
import { isVanished, type Attic } from './attic.js';
import type { Mirror } from './mirror.js';
import { ancestors } from './path-folders.js';
import { parkedName } from './step.js';
import type { ContentSource } from './stage-entries.js';

/** Digest of no bytes at all: always at hand. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Contents of a user's mirrors and attic, and of what has arrived for the mirrors, as they are now. */
export interface KnownContents extends ContentSource {
  /** Whether a content should be there; whether it really is shows when it is copied. */
  has(sha256: string): boolean;
}

/**
 * Indexes the contents of some mirrors and an attic. A copy is verified while it is made, so a file that a build changed
 * since is passed over, and the next place is tried.
 */
export async function knownContents(mirrors: readonly Mirror[], attic: Attic): Promise<KnownContents> {
  const places = new Map<string, { root: string; path: string }[]>();
  const note = (sha256: string, place: { root: string; path: string }): void => {
    const known = places.get(sha256);
    if (known === undefined) places.set(sha256, [place]);
    else known.push(place);
  };
  for (const mirror of mirrors) {
    for (const { entry } of mirror.holdings.tree.values())
      if (entry.kind === 'file') note(entry.sha256, { root: mirror.root, path: entry.path });
    for (const { entry } of mirror.holdings.parked.values())
      if (entry.kind === 'file') note(entry.sha256, { root: mirror.parkedFolder, path: parkedName(entry.path) });
    for (const [root, digests] of mirror.received) for (const sha256 of digests) note(sha256, { root, path: sha256 });
  }
  return {
    has: (sha256) => sha256 === EMPTY || attic.has(sha256) || places.has(sha256),
    async copyTo(destination, content) {
      if (content.sha256 === EMPTY) {
        await writeFile(destination, '', { flag: 'wx', mode: 0o600 });
        return true;
      }
      if (attic.has(content.sha256)) {
        if (await tryCopy(attic.pathOf(content.sha256), destination, content)) {
          await attic.touch(content.sha256);
          return true;
        }
        await attic.remove(content.sha256);
      }
      for (const { root, path } of places.get(content.sha256) ?? [])
        if (isPlainFile(root, path) && (await tryCopy(join(root, path), destination, content))) return true;
      return false;
    },
  };
}

/** Never reads through a link that a build put in the place of a folder or a file. */
function isPlainFile(root: string, path: string): boolean {
  const isFolder = (folder: string): boolean =>
    lstatSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory() === true;
  if (!ancestors(path).every(isFolder)) return false;
  return lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true;
}

async function tryCopy(from: string, to: string, content: { sha256: string; size: number }): Promise<boolean> {
  try {
    return await copyVerified(from, to, content);
  } catch (error) {
    if (isVanished(error)) return false;
    throw error;
  }
}
