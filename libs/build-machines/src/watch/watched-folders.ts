import { BuildMachinesError } from '@build-machines/protocol';
import { EventEmitter, once } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** Saves this close together are one: editors write, rename and touch. Milliseconds. */
const SETTLE_MS = 100;

/** The system watches no more files for this user. */
export class WatchLimitError extends BuildMachinesError {
  readonly code = 'watch-limit';
  constructor(folders: number, cause: unknown) {
    super(`The system refuses to watch ${String(folders)} folders of sources.`, {
      hint: 'Raise its limit: "sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512".',
      cause,
    });
  }
}

/**
 * Tells that something was saved in some folders, not below them; not what: a scan knows better than events do. Folders
 * are watched one by one, so that neither ignored ones, such as node_modules, nor single files cost a watch.
 */
export class WatchedFolders {
  readonly #events = new EventEmitter();
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;
  #unseen = false;

  constructor(private readonly workspaceRoot: string) {}

  /**
   * Watches these folders from now on and no others. What happened in a new one before counts as saved just now.
   * @throws WatchLimitError
   */
  cover(folders: readonly string[]): void {
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.#watchers)
      if (!wanted.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    for (const folder of wanted)
      if (!this.#watchers.has(folder)) {
        this.#watch(folder, wanted.size);
        this.#saved();
      }
  }

  /** Resolves when something was saved since it last did. Rejects when the signal is aborted. */
  async saved(signal: AbortSignal): Promise<void> {
    if (!this.#unseen) await once(this.#events, 'saved', { signal });
    this.#unseen = false;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, all: number): void {
    try {
      const watcher = watch(join(this.workspaceRoot, folder), () => {
        this.#saved();
      });
      watcher.on('error', () => {
        // The folder went away, which the folder above tells, too.
        watcher.close();
        this.#watchers.delete(folder);
        this.#saved();
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EMFILE') throw new WatchLimitError(all, error);
      if (code !== 'ENOENT') throw error; // Gone since it was found; the next scan will not find it.
    }
  }

  #saved(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#unseen = true;
      this.#events.emit('saved');
    }, SETTLE_MS);
  }
}
