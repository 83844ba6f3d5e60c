import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { removeFile } from '@build-machines/owned-files';
import type { StateFolder } from '../../state/state-folder.js';
import { hasErrorCode, readIfPresent } from '../../disk/missing.js';
import { OvaTamperedError } from '../ova/errors.js';
import { sha256OfFile } from '../file-digest.js';
import { ImageProvenance } from '../provenance.js';
import { ImageMissingError, ImageRecordError } from './errors.js';
import { compareImageVersions, imageVersionOf, type ImageVersion } from './image-name.js';

/** An image in the store, and what lies beside it. */
export interface StoredImage {
  readonly name: string;
  readonly version: ImageVersion;
  readonly ova: string;
  readonly provenance: ImageProvenance;
}

/** Files that belong to one image: the appliance first, then what is named after it. */
export function imageFiles(ova: string): {
  ova: string;
  checksum: string;
  provenance: string;
  billOfMaterials: string;
  /** The one-time password, 0600: for each machine made from the image, until that machine has keys. */
  password: string;
} {
  const stem = ova.replace(/\.ova$/, '');
  return {
    ova,
    checksum: `${ova}.sha256`,
    provenance: `${stem}.json`,
    billOfMaterials: `${stem}.cdx.json`,
    password: `${stem}.password`,
  };
}

/** Folder of all images of this user. Images are large and no output of an Nx task: the task's output is a manifest. */
export function imageFolder(state: StateFolder): string {
  return join(state.root, 'images');
}

/**
 * Complete images of a name, the oldest first. One without provenance is a build that never ended, and is left out.
 * @throws ImageRecordError
 */
export async function listImages(folder: string, name: string): Promise<readonly StoredImage[]> {
  const found: StoredImage[] = [];
  for (const fileName of await namesIn(folder)) {
    const version = imageVersionOf(name, fileName);
    const ova = join(folder, fileName);
    const record = version && (await readIfPresent(imageFiles(ova).provenance));
    if (version && record !== undefined) found.push({ name, version, ova, provenance: parseRecord(ova, record) });
  }
  return found.sort((a, b) => compareImageVersions(a.version, b.version));
}

/** The newest image of a name. @throws ImageMissingError */
export async function newestImage(folder: string, name: string): Promise<StoredImage> {
  const newest = (await listImages(folder, name)).at(-1);
  if (newest === undefined) throw new ImageMissingError(`There is no image ${name} in ${folder}`, name);
  return newest;
}

/** The newest image that was made from these inputs, if its file is there with its size. */
export async function findImageOf(folder: string, name: string, inputs: string): Promise<StoredImage | undefined> {
  for (const image of [...(await listImages(folder, name))].reverse())
    if (image.provenance.inputs.all === inputs && (await sizeOf(image.ova)) === image.provenance.sizeBytes)
      return image;
  return undefined;
}

/**
 * Compares an image with the digest that was written down when it was made.
 * @throws ImageMissingError, OvaTamperedError
 */
export async function verifyImage(
  image: StoredImage,
  options: { signal?: AbortSignal; onProgress?: (bytes: number) => void } = {},
): Promise<void> {
  if ((await sizeOf(image.ova)) === undefined) throw new ImageMissingError(`${image.ova} is gone`, image.name);
  const found = await sha256OfFile(image.ova, options);
  if (found !== image.provenance.sha256)
    throw new OvaTamperedError(image.ova, basename(image.ova), image.provenance.sha256, found);
}

/** Removes all but the newest `keep` images of a name, with what lies beside them. Returns those that went. */
export async function keepNewestImages(folder: string, name: string, keep: number): Promise<readonly StoredImage[]> {
  const images = await listImages(folder, name);
  const old = images.slice(0, Math.max(0, images.length - Math.max(1, keep)));
  for (const { ova } of old) for (const file of Object.values(imageFiles(ova))) await removeFile(file);
  return old;
}

function parseRecord(ova: string, text: string): ImageProvenance {
  try {
    return ImageProvenance.parse(JSON.parse(text));
  } catch (cause) {
    throw new ImageRecordError(`The record of ${ova} cannot be read`, {
      hint: `Remove the image with its record: rm ${ova} ${imageFiles(ova).provenance}`,
      cause,
    });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
