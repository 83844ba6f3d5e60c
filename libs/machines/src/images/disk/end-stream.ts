import { open, type FileHandle } from 'node:fs/promises';
import { DiskConversionError } from './errors.js';

/** Sectors are the unit of all offsets in a VMDK. */
const SECTOR = 512;
/** Type of the marker that ends a stream; other types announce tables. */
const END_OF_STREAM = 0;

/**
 * Ends a streamOptimized VMDK with its end-of-stream marker, one sector of zeros, as VMware's Virtual Disk Format 1.1 has
 * it under "Stream-Optimized Compressed Sparse Extents". qemu-img pads the file to a whole cluster instead. VirtualBox
 * reads to the marker, and whether the padding goes into the digest that it compares with the manifest's depends on how
 * far it had read ahead: an appliance that is in order was then refused now and then.
 * @throws DiskConversionError for a file that is no such disk.
 */
export async function endStream(file: string, signal?: AbortSignal): Promise<void> {
  const disk = await open(file, 'r+');
  try {
    await disk.truncate(await endOfStream(file, disk, signal));
  } finally {
    await disk.close();
  }
}

/** Follows the grains, each of which says how long it is. */
async function endOfStream(file: string, disk: FileHandle, signal?: AbortSignal): Promise<number> {
  const header = await readAt(disk, 0, SECTOR);
  if (header.toString('latin1', 0, 4) !== 'KDMV')
    throw new DiskConversionError(`${file} is no VMDK that begins with its header`, {
      hint: 'Give a disk that was written as streamOptimized.',
    });
  const { size } = await disk.stat();
  let position = Number(header.readBigUInt64LE(64)) * SECTOR;
  while (position < size) {
    signal?.throwIfAborted();
    const marker = await readAt(disk, position, 16);
    const bytes = marker.readUInt32LE(8);
    if (bytes > 0) position += sectors(12 + bytes);
    else if (marker.readUInt32LE(12) === END_OF_STREAM) break;
    else position += SECTOR + Number(marker.readBigUInt64LE(0)) * SECTOR;
  }
  return position + SECTOR;
}

/** @returns zeros for what lies behind the end. */
async function readAt(disk: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await disk.read(buffer, 0, length, position);
  return buffer;
}

function sectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR) * SECTOR;
}
