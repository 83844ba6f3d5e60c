import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';

/** Above this many files one flush of the whole filesystem is cheaper than one flush per file. */
const SYNC_ONE_BY_ONE = 64;

/**
 * Flushes the contents of files to disk. Few files are flushed one by one; for many, coreutils' `sync -f` flushes their
 * filesystem in one go, since Node has no syncfs(2).
 * @param folder a folder on the filesystem that holds all of them.
 */
export async function flushFiles(files: readonly string[], folder: string): Promise<void> {
  if (files.length > SYNC_ONE_BY_ONE && (await syncFilesystem(folder))) return;
  for (const file of files) {
    const handle = await open(file, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** @returns false where there is no usable `sync` program. */
async function syncFilesystem(folder: string): Promise<boolean> {
  const child = spawn('sync', ['-f', folder], { stdio: 'ignore' });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0;
  } catch {
    // Not installed: `error` instead of `exit`. The caller flushes file by file.
    return false;
  }
}
