import {
  imageFiles,
  imageFolder,
  ImageMissingError,
  imageVersionOf,
  type LoadedMachine,
  newestImage,
  type StateFolder,
} from '@build-machines/machines';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { versionText } from './image-version.js';

/** An appliance that a VM can be made from. */
export interface MachineImage {
  readonly ova: string;
  /** What its file must have, from beside it; undefined: only the appliance's own manifest speaks for its parts. */
  readonly sha256: string | undefined;
  /** Such as `20260420`, for names. */
  readonly version: string;
}

/**
 * The image of a machine: the one that machine.yml names (a path relative to the workspace), else the newest that
 * packer-build made.
 * @throws ImageMissingError
 */
export async function machineImage(
  { definition: { name, image } }: LoadedMachine,
  state: StateFolder,
  workspaceRoot: string,
): Promise<MachineImage> {
  if (image === undefined) {
    const newest = await newestImage(imageFolder(state), name);
    return { ova: newest.ova, sha256: newest.provenance.sha256, version: versionText(newest.version) };
  }
  const ova = resolve(workspaceRoot, image);
  if (!existsSync(ova)) throw new ImageMissingError(`The image ${ova}, which machine.yml names, does not exist`, name);
  const [sha256] = existsSync(imageFiles(ova).checksum)
    ? (await readFile(imageFiles(ova).checksum, 'utf8')).split(/\s/)
    : [];
  const stem = basename(ova, '.ova');
  const version = imageVersionOf(stem.replace(/-\d{8}(-\d+)?$/, ''), basename(ova));
  return { ova, sha256, version: version === undefined ? stem : versionText(version) };
}
