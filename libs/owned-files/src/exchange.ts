import { lstat, mkdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from './errno.js';
import { ForeignFileError } from './ownership-errors.js';
import type { Staging } from './owned-folder.js';
import { placeNew } from './place-new.js';

/**
 * Exchanges files of an owned folder, one by one, so that each step can be undone. No step replaces something that is
 * there, and none reaches through a symbolic link.
 */
export class Exchange {
  readonly #root: string;
  readonly #staging: Staging;
  readonly #undo: (() => Promise<void>)[] = [];
  /** Folders inside the root that are ours. */
  readonly folders: Set<string>;

  /** @param folders folders inside the root that are ours */
  constructor(root: string, staging: Staging, folders: readonly string[]) {
    this.#root = root;
    this.#staging = staging;
    this.folders = new Set(folders);
  }

  /** Moves a file of ours out of the way; it is removed with the staging folder. */
  async takeAway(path: string): Promise<void> {
    if (!(await this.#isReachable(path))) return;
    const from = join(this.#root, path);
    const found = await statIfPresent(from);
    // Missing, or the user made a folder or link of that name: nothing of ours is there.
    if (found?.isFile() !== true) return;
    const to = join(this.#staging.folder, 'old', path);
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
    this.#undo.push(() => placeNew(to, from));
  }

  /** Removes our folders that hold nothing any more, but those that are needed. */
  async removeEmptyFolders(needed: readonly string[]): Promise<void> {
    const kept = new Set(needed);
    const deepestFirst = [...this.folders].sort((a, b) => b.length - a.length);
    for (const folder of deepestFirst) {
      if (kept.has(folder)) continue;
      if (!(await this.#isReachable(folder))) {
        this.folders.delete(folder);
        continue;
      }
      try {
        await rmdir(join(this.#root, folder));
      } catch (error) {
        // A file of the user keeps its folder, which stays on the list until it is empty.
        if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) continue;
        if (!isErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
      }
      this.folders.delete(folder);
      this.#undo.push(async () => {
        await mkdir(join(this.#root, folder));
      });
    }
  }

  /** Puts a staged file in its place. @throws ForeignFileError when something is there. */
  async put(path: string): Promise<void> {
    await this.#makeFolders(path);
    const to = join(this.#root, path);
    const from = join(this.#staging.tree, path);
    if ((await statIfPresent(to)) !== undefined) throw new ForeignFileError(to);
    await placeNew(from, to);
    this.#undo.push(() => rename(to, from));
  }

  /** Undoes all steps, the last first. */
  async undo(): Promise<void> {
    for (const step of this.#undo.reverse()) await step();
    this.#undo.length = 0;
  }

  /**
   * Puts back which of some files a crash left taken away. A file that is no longer ours was removed on purpose, and one
   * that is in its place again was replaced: neither comes back.
   */
  async putBack(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const from = join(this.#staging.folder, 'old', path);
      if ((await statIfPresent(from)) === undefined || (await statIfPresent(join(this.#root, path))) !== undefined)
        continue;
      try {
        await this.#makeFolders(path);
        await placeNew(from, join(this.#root, path));
      } catch (error) {
        if (!(error instanceof ForeignFileError)) throw error;
      }
    }
  }

  async #makeFolders(path: string): Promise<void> {
    for (const folder of foldersAbove(path)) {
      const absolute = join(this.#root, folder);
      const found = await statIfPresent(absolute);
      if (found?.isDirectory()) continue;
      if (found !== undefined) throw new ForeignFileError(absolute);
      await mkdir(absolute);
      this.folders.add(folder);
      this.#undo.push(() => rmdir(absolute));
    }
  }

  /** Whether all folders above a path are folders, and none a link. */
  async #isReachable(path: string): Promise<boolean> {
    for (const folder of foldersAbove(path))
      if ((await statIfPresent(join(this.#root, folder)))?.isDirectory() !== true) return false;
    return true;
  }
}

/** The folders above a relative path, the outermost first. */
function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

async function statIfPresent(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
