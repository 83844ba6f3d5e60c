import { writeAside } from '@build-machines/owned-files';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file of the agent so that after any crash it holds either its old or its new content. */
export async function writeDurably(file: string, content: string | Buffer, mode = 0o600): Promise<void> {
  await writeAside(file, content, mode);
  await syncFolder(dirname(file));
}

/** Flushes a folder's entries (names made, renamed and removed in it) to disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
