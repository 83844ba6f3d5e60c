import { basename, join } from 'node:path';
import { moveOwn, removeFile } from '@build-machines/owned-files';
import { hasErrorCode } from '../../disk/missing.js';
import { ensurePrivateFolder } from '../../disk/private-folder.js';
import { convertDisk, growDisk, refuseOtherFiles } from '../../images/disk/qemu-img.js';
import { sha256OfFile } from '../../images/file-digest.js';
import { OvaTamperedError } from '../../images/ova/errors.js';
import { extractMember } from '../../images/ova/read-member.js';
import { verifyOva } from '../../images/ova/verify-ova.js';
import { randomFreePort } from '../../network/free-port.js';
import { QemuVmExistsError, QemuVmUnknownError } from './errors.js';
import type { QemuLayout, QemuMachineRecord } from './layout.js';
import { findRecord, readRecord, writeRecord } from './machine-record.js';
import { stopQemu } from './start-stop.js';

export interface QemuImportOptions {
  readonly layout: QemuLayout;
  readonly image: {
    readonly ova: string;
    /** What the image must have; default: what its own manifest says. */
    readonly sha256?: string;
    readonly version: string;
  };
  /** What becomes of a disk made from another image: an error, or kept for a rollback. */
  readonly existing: 'refuse' | 'replace';
  readonly cpus: number;
  readonly memoryMiB: number;
  /** The disk is grown to this; the guest's file system follows at its next boot where it is set up so. */
  readonly diskGiB: number;
  readonly accelerator: 'kvm' | 'tcg';
  readonly onProgress?: (text: string, fraction?: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes a machine's disk from an OVA. Doing it again with the same image only notes changed sizes (in force at the next
 * start). A running machine is stopped when its disk is replaced. A failed import leaves the old disk in place.
 * @throws OvaMalformedError, OvaPaxError, OvaTruncatedError, OvaTamperedError, QemuVmExistsError, DiskReachesOutError,
 * DiskConversionError
 */
export async function qemuImport(
  options: QemuImportOptions,
): Promise<{ outcome: 'imported' | 'replaced' | 'unchanged' }> {
  const { layout, image, existing, diskGiB, onProgress, signal } = options;
  await ensurePrivateFolder(layout.folder);
  onProgress?.(`Checking ${basename(image.ova)}`);
  const { disk } = await verifyOva(image.ova, { signal, digests: image.sha256 === undefined });
  const sha256 = await sha256OfFile(image.ova, { signal });
  if (image.sha256 !== undefined && sha256 !== image.sha256)
    throw new OvaTamperedError(image.ova, basename(image.ova), image.sha256, sha256);
  const present = await findRecord(layout);
  if (present?.image.sha256 === sha256) {
    await writeRecord(layout, { ...present, ...sizesOf(options) });
    return { outcome: 'unchanged' };
  }
  if (present && existing === 'refuse') throw new QemuVmExistsError(layout.name);

  const fresh = join(layout.folder, 'importing.qcow2');
  const vmdk = join(layout.folder, 'importing.vmdk');
  try {
    await extractMember(image.ova, disk, vmdk, signal);
    await refuseOtherFiles(vmdk, 'vmdk', signal);
    await convertDisk({
      from: { file: vmdk, format: 'vmdk' },
      to: { file: fresh, format: 'qcow2' },
      onProgress: (fraction) => onProgress?.('Unpacking the disk', fraction),
      signal,
    });
    await growDisk(fresh, diskGiB * 1024 ** 3, signal);
    if (present) {
      await stopQemu(layout, { signal });
      await moveOwn(layout.disk, layout.previousDisk);
    }
    // What an earlier disk's system said, its host key above all, must not be taken for the new one's word.
    await removeFile(layout.serialLog);
    await moveOwn(fresh, layout.disk);
  } finally {
    await removeFile(vmdk);
    await removeFile(fresh);
  }
  await writeRecord(layout, {
    version: 1,
    image: { sha256, version: image.version },
    previousImage: present?.image ?? null,
    ...sizesOf(options),
    sshPort: present?.sshPort ?? (await randomFreePort()),
  });
  return { outcome: present ? 'replaced' : 'imported' };
}

function sizesOf({
  cpus,
  memoryMiB,
  accelerator,
}: QemuImportOptions): Pick<QemuMachineRecord, 'cpus' | 'memoryMiB' | 'accelerator'> {
  return { cpus, memoryMiB, accelerator };
}

/**
 * Goes back to the disk of the earlier image (the machine is stopped first); a second call goes forth again.
 * @throws QemuVmUnknownError when nothing was replaced yet.
 */
export async function qemuRollback(layout: QemuLayout, signal?: AbortSignal): Promise<void> {
  const record = await readRecord(layout);
  if (record.previousImage === null) throw new QemuVmUnknownError(`${layout.name} (its earlier image)`);
  await stopQemu(layout, { signal });
  const aside = `${layout.disk}.rolling-back`;
  try {
    await moveOwn(layout.disk, aside);
  } catch (error) {
    // A rollback that was killed after its first step: go on from there.
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
  await removeFile(layout.serialLog);
  await moveOwn(layout.previousDisk, layout.disk);
  await moveOwn(aside, layout.previousDisk);
  await writeRecord(layout, { ...record, image: record.previousImage, previousImage: record.image });
}
