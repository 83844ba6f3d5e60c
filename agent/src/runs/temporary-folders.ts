import { hasMarker, isErrno, makeOwnFolder, removeTree } from '@build-machines/owned-files';
import { lstat, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../logging/logger.js';

/** A temporary folder of one run. */
export interface TemporaryFolder {
  /** For TMPDIR. */
  readonly path: string;
  /** Removes it, with everything in it. What cannot be removed now is when the agent starts again. */
  readonly remove: () => Promise<void>;
}

/** Begins the path of every temporary folder. Short: see {@link TemporaryFolders}. */
const PREFIX = '/tmp/bm-';

/** What {@link PREFIX} and mkdtemp(3) make. */
const MADE = /^\/tmp\/bm-[A-Za-z0-9]{6}$/;

/**
 * The temporary folders of runs. Tests bind Unix sockets below TMPDIR, whose paths may have 107 bytes in all: a state
 * folder may be longer than that by itself, so they lie in /tmp. Only this account may enter them, and they are ours by
 * their marker. The state folder has a note of each, by which those of an agent that was killed are found.
 */
export class TemporaryFolders {
  constructor(
    private readonly notes: string,
    private readonly logger: Logger,
  ) {}

  /** @param name tells the run from all others. */
  async make(name: string): Promise<TemporaryFolder> {
    await mkdir(this.notes, { recursive: true, mode: 0o700 });
    const note = join(this.notes, name);
    const folder = await mkdtemp(PREFIX);
    await writeFile(note, folder);
    await makeOwnFolder(folder);
    // Apart from the marker: a test may take its TMPDIR for empty.
    const path = join(folder, 't');
    await mkdir(path, { mode: 0o700 });
    return { path, remove: () => this.#remove(folder, note) };
  }

  /** Removes what an agent left that was killed; for the start, when nothing runs. */
  async removeLeft(): Promise<void> {
    for (const name of await this.#noted()) {
      const note = join(this.notes, name);
      const folder = await readFile(note, 'utf8').catch(() => '');
      // The machine may have started anew, and another account have made a folder of this name.
      if (MADE.test(folder) && (await isOurs(folder))) await this.#remove(folder, note);
      else await removeTree(note);
    }
  }

  async #remove(folder: string, note: string): Promise<void> {
    try {
      await removeTree(folder);
      await removeTree(note);
    } catch (error) {
      this.logger.warn('the temporary folder of a run could not be removed', { folder, error: String(error) });
    }
  }

  async #noted(): Promise<string[]> {
    try {
      return await readdir(this.notes);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    const found = await lstat(folder);
    return found.isDirectory() && found.uid === process.getuid?.() && (await hasMarker(folder));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
