import { BuildMachinesError } from '@build-machines/protocol';

/** qemu-img is not installed. */
export class QemuImgMissingError extends BuildMachinesError {
  readonly code = 'qemu-img-missing';

  constructor(cause: unknown) {
    super('qemu-img is not installed', { hint: 'Run: sudo apt-get install qemu-utils', cause });
  }
}

/** A disk names other files of this computer as parts of itself. */
export class DiskReachesOutError extends BuildMachinesError {
  readonly code = 'disk-reaches-out';

  constructor(file: string, parts: readonly string[]) {
    super(`${file} is a disk that takes in other files of this computer: ${parts.join(', ')}`, {
      hint: 'Whoever made it wants to read them, or made it of several parts. Do not use it; ask for an appliance whose disk is one file.',
      details: { parts },
    });
  }
}

/** qemu-img refused a disk, or ran out of room. */
export class DiskConversionError extends BuildMachinesError {
  readonly code = 'disk-conversion-failed';
}
