import { BuildMachinesError } from '@build-machines/protocol';

/** qemu-img is not installed. */
export class QemuImgMissingError extends BuildMachinesError {
  readonly code = 'qemu-img-missing';

  constructor(cause: unknown) {
    super('qemu-img is not installed', { hint: 'Run: sudo apt-get install qemu-utils', cause });
  }
}

/** qemu-img refused a disk, or ran out of room. */
export class DiskConversionError extends BuildMachinesError {
  readonly code = 'disk-conversion-failed';
}
