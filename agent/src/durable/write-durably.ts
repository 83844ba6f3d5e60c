import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file so that after any crash it holds either its old or its new content: written aside as `<file>.new`,
 * flushed, renamed. A file has one writer at a time (its owner's lock), so the fixed side name never clashes and a
 * leftover of a crash is overwritten by the next write.
 */
export async function writeDurably(file: string, content: string | Buffer, mode = 0o600): Promise<void> {
  const aside = `${file}.new`;
  const handle = await open(aside, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, file);
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
