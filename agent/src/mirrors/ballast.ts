import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';

const BLOCK = Buffer.alloc(64 * 1024);

/**
 * Decides something while holding disk space that carrying it out will need. The space is taken by writing a file (filesystems
 * that allocate late still reserve at write(2), and refuse there), and given back right after the decision. A full disk thus fails before the decision
 * instead of in the middle of carrying it out.
 */
export async function withBallast(folder: string, bytes: number, decide: () => Promise<void>): Promise<void> {
  const file = join(folder, 'ballast');
  try {
    const handle = await open(file, 'w', 0o600);
    try {
      for (let written = 0; written < bytes; written += BLOCK.length) await handle.write(BLOCK);
    } finally {
      await handle.close();
    }
    await decide();
  } finally {
    await removeFile(file);
  }
}
