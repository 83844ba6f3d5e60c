import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { moveOwn, removeFile, removeTree } from '@build-machines/owned-files';
import { writeAside } from '../../disk/write-aside.js';
import { renderBillOfMaterials } from '../bill-of-materials.js';
import { convertDisk, diskSizes } from '../disk/qemu-img.js';
import { sha256OfFile } from '../file-digest.js';
import type { ImageInputDigests } from '../inputs-digest.js';
import { packOva } from '../ova/pack-ova.js';
import { verifyOva } from '../ova/verify-ova.js';
import type { ImageProvenance } from '../provenance.js';
import { imageFileName, nextImageVersion } from '../store/image-name.js';
import { imageFiles, listImages, type StoredImage } from '../store/image-store.js';
import type { BuildProgress } from './build-progress.js';
import type { ImageSource } from './preflight.js';
import type { ImageReport } from './report.js';
import type { StagedBuild } from './staging.js';

export interface StoreResultOptions {
  readonly name: string;
  /** Folder of the images. */
  readonly folder: string;
  readonly staged: StagedBuild;
  readonly source: ImageSource;
  readonly origin: { readonly from: readonly string[]; readonly checksum: string };
  readonly inputs: ImageInputDigests;
  readonly report: ImageReport;
  readonly resources: ImageProvenance['resources'];
  readonly oneTimePassword: string;
  readonly packer: string;
  readonly git: ImageProvenance['git'];
  readonly now: Date;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes the appliance from Packer's result and moves it, with all that belongs beside it, into the store. The provenance
 * comes last: an image without one does not count as there.
 */
export async function storeResult(options: StoreResultOptions): Promise<StoredImage> {
  const { name, folder, staged, inputs, report, now, onProgress, signal } = options;
  const made = await makeOva(options);
  onProgress?.({ kind: 'stage', text: 'Computing the SHA-256 of the image' });
  const sha256 = await sha256OfFile(made, { signal });
  const existing = await listImages(folder, name);
  const version = nextImageVersion(
    existing.map((image) => image.version),
    now,
  );
  const files = imageFiles(join(folder, imageFileName(name, version)));
  const provenance: ImageProvenance = {
    version: 1,
    name,
    file: basename(files.ova),
    sha256,
    sizeBytes: (await stat(made)).size,
    builtAt: now.toISOString(),
    inputs,
    base: { source: options.source, from: [...options.origin.from], checksum: options.origin.checksum },
    system: { os: report.os, arch: report.arch },
    toolchains: [...report.toolchains],
    packages: report.packages.length,
    resources: options.resources,
    packer: options.packer,
    git: options.git,
  };
  const image = { name, version: version.day, sha256 };
  await writeAside(files.password, `${options.oneTimePassword}\n`, 0o600);
  await writeAside(files.checksum, `${sha256}  ${basename(files.ova)}\n`, 0o644);
  await writeAside(
    files.billOfMaterials,
    renderBillOfMaterials({
      image,
      os: report.os,
      packages: report.packages,
      toolchains: report.toolchains,
      builtAt: now,
    }),
    0o644,
  );
  await moveOwn(made, files.ova);
  await writeAside(files.provenance, `${JSON.stringify(provenance, null, 2)}\n`, 0o644);
  await removeTree(staged.output);
  return { name, version, ova: files.ova, provenance };
}

/** VirtualBox exports an appliance itself; QEMU's disk is made one. */
async function makeOva({
  name,
  source,
  staged,
  resources,
  now,
  onProgress,
  signal,
}: StoreResultOptions): Promise<string> {
  const stem = `${name}-${now.toISOString().slice(0, 10).replaceAll('-', '')}`;
  if (source === 'virtualbox-iso') {
    const exported = join(staged.output, `${name}.ova`);
    await verifyOva(exported, { signal });
    return exported;
  }
  const disk = join(staged.output, `${name}.qcow2`);
  const vmdk = join(staged.output, `${name}.vmdk`);
  const ova = join(staged.output, `${stem}.ova`);
  onProgress?.({ kind: 'stage', text: 'Compressing the disk' });
  await convertDisk({
    from: { file: disk, format: 'qcow2' },
    to: { file: vmdk, format: 'vmdk', streamOptimized: true },
    signal,
  });
  const { capacityBytes } = await diskSizes(disk, { signal });
  await removeFile(disk);
  onProgress?.({ kind: 'stage', text: 'Packing the appliance' });
  const machine = {
    name,
    cpus: resources.cpus,
    memoryMiB: resources.memoryMiB,
    annotation: `Haskell build machine, built ${now.toISOString()}`,
  };
  await packOva({ ova, vmdk, machine, diskCapacityBytes: capacityBytes, signal });
  await removeFile(vmdk);
  return ova;
}
