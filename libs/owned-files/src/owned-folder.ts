import { isTreePath } from '@build-machines/protocol';
import { lstat, mkdir, readdir, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from './errno.js';
import {
  createMarker,
  isPassing,
  isReservedPath,
  MARKER_NAME,
  type Marker,
  readMarker,
  replaceMarker,
  RESERVED_PREFIX,
} from './marker.js';
import { MarkerDamagedError, NotAFolderError, NotOursError, OtherOwnerError } from './ownership-errors.js';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.js';
import { Exchange } from './exchange.js';

const STAGING_PREFIX = `${RESERVED_PREFIX}new-`;

/** A folder inside an owned folder in which new files are made ready. */
export interface Staging {
  readonly folder: string;
  /** The new files, by the path that they get. */
  readonly tree: string;
}

/** For whom a folder is claimed. */
export interface Claim {
  /** Who uses the folder, as messages name it, such as `the artifacts of app`; it serves nobody else from then on. */
  readonly madeFor: string;
  /** Names of files that releases before the marker wrote: a folder that holds nothing else is adopted. */
  readonly formerFiles?: readonly string[];
}

/**
 * A folder that build-machines made, as its marker proves, and the files in it that are ours. Everything happens inside
 * the folder: new files are staged there, and no other file of it is ever replaced, removed or followed as a link.
 *
 * Concurrency: hold a lock of your own for the folder from {@link claim} to the end of the work. Two claims at once are
 * safe without one.
 */
export class OwnedFolder {
  #marker: Omit<Marker, 'note'>;

  private constructor(
    readonly path: string,
    marker: Omit<Marker, 'note'>,
    private readonly isNew: boolean,
  ) {
    this.#marker = marker;
  }

  /**
   * Makes a folder (and its parents), adopts an empty one, or opens one that was made for the same owner, and heals what
   * a crash left in it.
   * @param path absolute; links in it are followed, so use `realPathBelow` first
   * @throws NotOursError, OtherOwnerError; the folder is then unchanged
   */
  static async claim(path: string, claim: Claim): Promise<OwnedFolder> {
    await makeFolder(path);
    for (;;) {
      const known = await claimable(path, claim);
      if ('note' in known) {
        const folder = new OwnedFolder(path, known, false);
        await folder.#heal();
        return folder;
      }
      const fresh = { madeFor: claim.madeFor, files: known.files, folders: [] };
      // Another process may have been first.
      if (await createMarker(path, fresh)) return new OwnedFolder(path, fresh, known.files.length === 0);
    }
  }

  /** Throws what {@link claim} would throw, before anything is done; changes nothing. */
  static async requireClaimable(path: string, claim: Claim): Promise<void> {
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) return;
    if (!found.isDirectory()) throw new NotAFolderError(path);
    await claimable(path, claim);
  }

  /** Paths of the files that are ours, relative to the folder. One may be missing, if somebody removed it. */
  get files(): readonly string[] {
    return this.#marker.files;
  }

  /** Makes a new staging folder. {@link discard} it when the work is done, also when it failed. */
  async stage(): Promise<Staging> {
    const folder = await makeTemporaryFolder(join(this.path, STAGING_PREFIX));
    const tree = join(folder, 'tree');
    await mkdir(tree);
    return { folder, tree };
  }

  /**
   * Makes `place` (moved out of the staged tree) and `keep` (left as they are) the files that are ours; removes those that
   * were. After an error, all is as it was. After a crash, the next {@link claim} heals the folder: every file in it is
   * then an old or a new one.
   * @throws ForeignFileError when something that is not ours is where a file has to go.
   */
  async exchange(
    staging: Staging,
    { place, keep }: { place: readonly string[]; keep: readonly string[] },
  ): Promise<void> {
    for (const path of [...place, ...keep]) requireUsable(path);
    const { madeFor, files, folders } = this.#marker;
    const exchange = new Exchange(this.path, staging, folders);
    // Before a file is in place the marker names it, so that none is ever left that nobody owns.
    await this.#mark({ madeFor, files: union(files, place), folders: union(folders, foldersOf(place)) });
    try {
      const kept = new Set(keep);
      for (const path of files) if (!kept.has(path)) await exchange.takeAway(path);
      await exchange.removeEmptyFolders(foldersOf([...place, ...keep]));
      for (const path of place) await exchange.put(path);
    } catch (error) {
      await exchange.undo();
      await this.#mark({ madeFor, files, folders });
      throw error;
    }
    await this.#mark({ madeFor, files: [...place, ...keep], folders: [...exchange.folders] });
  }

  /** Makes these files, by path and content, the files that are ours. @throws ForeignFileError */
  async writeFiles(files: Readonly<Record<string, string>>): Promise<void> {
    const staging = await this.stage();
    try {
      for (const [path, content] of Object.entries(files)) {
        requireUsable(path);
        await mkdir(dirname(join(staging.tree, path)), { recursive: true });
        await writeFile(join(staging.tree, path), content, { flag: 'wx' });
      }
      await this.exchange(staging, { place: Object.keys(files), keep: [] });
    } finally {
      await this.discard(staging);
    }
  }

  /** Removes a staging folder. */
  async discard(staging: Staging): Promise<void> {
    await removeTemporaryFolder(staging.folder);
  }

  /** Removes the folder if this object made it and nothing came into it: after a failure nothing is left. */
  async abandonIfNew(): Promise<void> {
    if (!this.isNew || this.#marker.files.length > 0) return;
    const names = await readdir(this.path);
    if (names.some((name) => name !== MARKER_NAME)) return;
    await unlink(join(this.path, MARKER_NAME));
    await rmdir(this.path).catch((error: unknown) => {
      if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    });
  }

  async #mark(marker: Omit<Marker, 'note'>): Promise<void> {
    await replaceMarker(this.path, marker);
    this.#marker = marker;
  }

  /** Puts back what a crash left half exchanged, and removes its staging folders. */
  async #heal(): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (!isPassing(name)) continue;
      const left = join(this.path, name);
      if (name.startsWith(STAGING_PREFIX) && (await lstat(left)).isDirectory())
        await new Exchange(this.path, { folder: left, tree: join(left, 'tree') }, this.#marker.folders).putBack(
          this.#marker.files,
        );
      await rm(left, { recursive: true, force: true });
    }
  }
}

/** The marker of a folder, or the files of one without a marker that may be marked. @throws NotOursError, OtherOwnerError */
async function claimable(
  path: string,
  { madeFor, formerFiles = [] }: Claim,
): Promise<Marker | { readonly files: string[] }> {
  const marker = await readMarker(path);
  if (marker === 'damaged') throw new MarkerDamagedError(join(path, MARKER_NAME));
  if (marker !== undefined && marker.madeFor !== madeFor) throw new OtherOwnerError(path, marker.madeFor, madeFor);
  if (marker !== undefined) return marker;
  const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !isReservedPath(name));
  const foreign = entries.filter((entry) => !entry.isFile() || !formerFiles.includes(entry.name));
  if (foreign.length > 0)
    throw new NotOursError(
      path,
      entries.map(({ name }) => name),
    );
  return { files: entries.map(({ name }) => name) };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    if (!isErrno(error, 'EEXIST', 'ENOTDIR')) throw error;
    throw new NotAFolderError(path);
  }
  if (!(await lstat(path)).isDirectory()) throw new NotAFolderError(path);
}

/** @throws when a file would get a name outside of the folder, or one of our own bookkeeping. */
function requireUsable(path: string): void {
  if (!isTreePath(path) || isReservedPath(path))
    throw new Error(`${JSON.stringify(path)} cannot be the name of a file in a folder of ours`);
}

/** All folders above some files, relative to the same root. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      folders.add(path.slice(0, end));
  return [...folders];
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}
