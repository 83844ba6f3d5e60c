import { createReadStream, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** The stat data that tell whether a file may have changed. */
export interface FileStat {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
}

/**
 * The few calls with which a scan looks at the disk, so that a test can count them. Stat is synchronous: for
 * local files that is three times as fast as a trip through the thread pool each.
 */
export interface SourceDisk {
  /** undefined when the file is gone, or is no regular file any more. */
  stat(file: string): FileStat | undefined;
  read(file: string): Promise<Buffer>;
  stream(file: string): Readable;
}

/** The real file system. */
export const sourceDisk: SourceDisk = {
  stat(file) {
    const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) return undefined;
    const { mtimeNs, ctimeNs, ino } = stat;
    return { size: Number(stat.size), mtimeNs, ctimeNs, ino };
  },
  read: (file) => readFile(file),
  stream: (file) => createReadStream(file, { highWaterMark: 256 * 1024 }),
};
