import { stat } from 'node:fs/promises';
import { hasErrorCode } from '../../disk/missing.js';
import { ImageBuildPreflightError } from './errors.js';
import type { Pins } from './pins.js';

/** What an image is installed from. */
export type ImageBase =
  | { readonly source: 'virtualbox-iso' | 'qemu-iso' }
  | {
      readonly source: 'qemu-disk-image';
      /** A qcow2 disk that boots by BIOS, and its SHA-256. */
      readonly disk: { readonly file: string; readonly sha256: string };
      /** An account with sudo that the disk has; absent for a cloud image, which is given one by its seed. */
      readonly login?: { readonly user: string; readonly password: string };
    };

/** Room that an installation takes while it runs: the installer, the growing disk, and the appliance made from it. */
const INSTALL_BYTES = 25e9;

/** A disk is copied, grown by the tool chain, and packed. */
const DISK_IMAGE_FACTOR = 3;

/** Name of the source in packer/haskell/sources.pkr.hcl, as `-only` wants it. */
export function packerSource({ source }: ImageBase): string {
  const names = {
    'virtualbox-iso': 'haskell.virtualbox-iso.ubuntu',
    'qemu-iso': 'haskell.qemu.ubuntu',
    'qemu-disk-image': 'haskell.qemu.disk-image',
  };
  return names[source];
}

/** Which answers go on the CIDATA cd. */
export function seedOf(base: ImageBase): 'autoinstall' | 'cloud-image' | 'none' {
  if (base.source !== 'qemu-disk-image') return 'autoinstall';
  return base.login ? 'none' : 'cloud-image';
}

/** The account that Packer logs in with: what the installer makes, unless the disk has one. */
export function loginOf(base: ImageBase, oneTimePassword: string): { user: string; password: string } {
  return (base.source === 'qemu-disk-image' ? base.login : undefined) ?? { user: 'builder', password: oneTimePassword };
}

/** Where the base comes from and what it must be, for provenance and for the template. */
export function baseOrigin(base: ImageBase, pins: Pins): { from: readonly string[]; checksum: string } {
  return base.source === 'qemu-disk-image'
    ? { from: [base.disk.file], checksum: `sha256:${base.disk.sha256}` }
    : { from: pins.ubuntu.isoUrls, checksum: pins.ubuntu.isoChecksum };
}

/** The template's variables that name the base. */
export function baseVariables(base: ImageBase, pins: Pins): Record<string, string | readonly string[]> {
  const { from, checksum } = baseOrigin(base, pins);
  return base.source === 'qemu-disk-image'
    ? { disk_image: from[0] ?? '', disk_image_checksum: checksum }
    : { iso_urls: from, iso_checksum: checksum };
}

/** Bytes that a build takes on disk while it runs. @throws ImageBuildPreflightError when the base is not there. */
export async function roomFor(base: ImageBase): Promise<number> {
  if (base.source !== 'qemu-disk-image') return INSTALL_BYTES;
  try {
    return (await stat(base.disk.file)).size * DISK_IMAGE_FACTOR;
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    throw new ImageBuildPreflightError(`The disk image ${base.disk.file} does not exist`, {
      hint: 'Give the path of a qcow2 disk that boots by BIOS.',
      cause: error,
    });
  }
}
