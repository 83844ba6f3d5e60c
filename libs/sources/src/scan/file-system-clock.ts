import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openNew, removeFile } from '@build-machines/owned-files';

/**
 * The time that the file system of `folder` gives to a file written now, in nanoseconds since 1970. For a network file
 * system this is the server's clock, with which alone its time stamps can be compared.
 */
export async function fileSystemNow(folder: string): Promise<bigint> {
  const probe = join(folder, `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await (await openNew(probe, 0o600)).close();
    return (await stat(probe, { bigint: true })).ctimeNs;
  } finally {
    await removeFile(probe);
  }
}
