import { BuildMachinesError } from '@build-machines/protocol';

const REBUILD = 'Copy it again from where it was made, or make it anew: nx run <machine>:packer-build';

/** An OVA that ends too early: a copy that was cut off, most often. */
export class OvaTruncatedError extends BuildMachinesError {
  readonly code = 'ova-truncated';

  constructor(file: string, detail: string) {
    super(`${file} is cut off: ${detail}`, { hint: REBUILD });
  }
}

/** An OVA whose content does not have the digest that was written down for it. */
export class OvaTamperedError extends BuildMachinesError {
  readonly code = 'ova-tampered';

  constructor(file: string, part: string, expected: string, found: string) {
    super(`${file} was changed after it was made: ${part} has the digest ${found}, not ${expected}`, {
      hint: `Do not use it. ${REBUILD}`,
      details: { part, expected, found },
    });
  }
}

/** A tar in pax format, which VirtualBox does not read. */
export class OvaPaxError extends BuildMachinesError {
  readonly code = 'ova-pax';

  constructor(file: string) {
    super(`${file} is a tar in pax format, which VirtualBox cannot import`, {
      hint: 'Pack it again in ustar format: tar --format=ustar -cf new.ova *.ovf *.mf *.vmdk',
    });
  }
}

/** A file that is no OVA at all, or lacks a part. */
export class OvaMalformedError extends BuildMachinesError {
  readonly code = 'ova-malformed';

  constructor(file: string, detail: string, cause?: unknown) {
    super(`${file} is not a usable OVA: ${detail}`, { hint: REBUILD, cause });
  }
}
