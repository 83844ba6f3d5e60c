import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import { moveOwn, removeFile } from '@build-machines/owned-files';
import { pack, type Pack } from 'tar-stream';
import { sha256OfFile } from '../file-digest.js';
import { renderManifest } from './manifest.js';
import { renderOvf, type OvfDescription } from './ovf.js';

export interface PackOvaOptions {
  /** The OVA to write. It appears under this name only when it is complete. */
  readonly ova: string;
  /** A streamOptimized VMDK. */
  readonly vmdk: string;
  readonly machine: Omit<OvfDescription, 'disk'>;
  /** Size of the disk as the guest sees it, in bytes. */
  readonly diskCapacityBytes: number;
  readonly signal?: AbortSignal;
}

/**
 * Packs a VMDK into an OVA: descriptor, manifest, disk, in a ustar archive (tar-stream writes sizes from 8 GiB on in
 * base 256 as GNU tar does, and needs no pax header for names as short as ours).
 */
export async function packOva({ ova, vmdk, machine, diskCapacityBytes, signal }: PackOvaOptions): Promise<void> {
  const stem = basename(ova, '.ova');
  const disk = { file: `${stem}-disk001.vmdk`, fileBytes: (await stat(vmdk)).size, capacityBytes: diskCapacityBytes };
  const ovf = renderOvf({ ...machine, disk });
  const manifest = renderManifest({
    [`${stem}.ovf`]: createHash('sha256').update(ovf).digest('hex'),
    [disk.file]: await sha256OfFile(vmdk, { signal }),
  });
  const aside = `${ova}.partial`;
  const archive = pack();
  try {
    const written = pipeline(archive, createWriteStream(aside), { signal });
    await Promise.all([written, addMembers(archive, { [`${stem}.ovf`]: ovf, [`${stem}.mf`]: manifest }, disk, vmdk)]);
    await moveOwn(aside, ova);
  } finally {
    archive.destroy();
    await removeFile(aside);
  }
}

async function addMembers(
  archive: Pack,
  texts: Readonly<Record<string, string>>,
  disk: { file: string; fileBytes: number },
  vmdk: string,
): Promise<void> {
  for (const [name, text] of Object.entries(texts)) archive.entry({ name, mode: 0o644 }, text);
  const entry = archive.entry({ name: disk.file, size: disk.fileBytes, mode: 0o644 });
  await pipeline(createReadStream(vmdk, { highWaterMark: 1024 * 1024 }), entry);
  archive.finalize();
}
