import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { imageFiles } from '@build-machines/machines';
import { execa } from 'execa';
import { cacheFolder } from './rigs.js';

/** Images that journeys built, by their names in the store; removing it costs a build of minutes. */
const folder = join(cacheFolder, 'e2e-images');

/** Puts the images that were built before into a workstation's store: packer-build takes one if its inputs are the same. */
export async function restoreImages(store: string, name: string): Promise<void> {
  await mkdir(store, { recursive: true, mode: 0o700 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await copyAll(
    (await filesOf(folder, name)).map((file) => join(folder, file)),
    store,
  );
}

/** Keeps one of a workstation's images for the next time, in the place of those from before. */
export async function keepImage(ova: string, name: string): Promise<void> {
  const before = await filesOf(folder, name);
  const kept = Object.values(imageFiles(ova));
  for (const file of before) if (!kept.some((one) => basename(one) === file)) await rm(join(folder, file));
  await copyAll(
    kept.filter((file) => !before.includes(basename(file))),
    folder,
  );
}

/** Hard links where both are on one disk. */
async function copyAll(files: readonly string[], to: string): Promise<void> {
  if (files.length === 0) return;
  await execa('cp', ['--link', ...files, to]).catch(() => execa('cp', [...files, to]));
}

async function filesOf(where: string, name: string): Promise<string[]> {
  return (await readdir(where)).filter((file) => file.startsWith(`${name}-`));
}
