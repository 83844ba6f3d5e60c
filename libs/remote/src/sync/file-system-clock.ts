import { randomBytes } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The time that the file system of `folder` gives to a file written now, in nanoseconds since 1970. For a network file
 * system this is the server's clock, with which alone its time stamps can be compared.
 */
export async function fileSystemNow(folder: string): Promise<bigint> {
  const probe = join(folder, `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeFile(probe, '', { flag: 'wx', mode: 0o600 });
    return (await stat(probe, { bigint: true })).ctimeNs;
  } finally {
    await rm(probe, { force: true });
  }
}
