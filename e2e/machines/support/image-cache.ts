import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from './rigs.js';

/** Images that journeys built, by their names in the store; removing it costs a build of minutes. */
const folder = join(cacheFolder, 'e2e-images');

/** Puts the images that were built before into a workstation's store: packer-build takes one if its inputs are the same. */
export async function restoreImages(store: string, name: string): Promise<void> {
  await mkdir(store, { recursive: true, mode: 0o700 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await copyAll(folder, store, name);
}

/** Keeps a workstation's images for the next time, in the place of those from before. */
export async function keepImages(store: string, name: string): Promise<void> {
  for (const file of await filesOf(folder, name)) await rm(join(folder, file), { force: true });
  await copyAll(store, folder, name);
}

/** Hard links where both are on one disk. */
async function copyAll(from: string, to: string, name: string): Promise<void> {
  const files = (await filesOf(from, name)).map((file) => join(from, file));
  if (files.length === 0) return;
  await execa('cp', ['--link', ...files, to]).catch(() => execa('cp', [...files, to]));
}

async function filesOf(where: string, name: string): Promise<string[]> {
  return (await readdir(where)).filter((file) => file.startsWith(`${name}-`));
}
