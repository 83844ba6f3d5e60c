import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraitParts } from '@build-machines/protocol';
import type { FileDigests } from './file-digests.js';

/** Where software that no package manager knows puts what builds read: headers, libraries, records of pkg-config. */
const LOCAL: readonly [folder: string, names: RegExp][] = [
  ['usr/local/include', /./],
  ['usr/local/lib', /\.(a|so(\.\d+)*)$/],
  ['usr/local/lib/pkgconfig', /\.pc$/],
  ['usr/local/share/pkgconfig', /\.pc$/],
];

/** Records of pkg-config of the system itself, each with a version: for systems without dpkg, whose record has more. */
const SYSTEM: readonly [folder: string, names: RegExp][] = [
  ['usr/lib/pkgconfig', /\.pc$/],
  ['usr/lib64/pkgconfig', /\.pc$/],
  ['usr/share/pkgconfig', /\.pc$/],
];

/**
 * Headers and libraries by their content, as far as no record of packages tells about them.
 * @param isRecorded whether the system has a record of its packages that is read.
 */
export async function localFiles(root: string, isRecorded: boolean, files: FileDigests): Promise<TraitParts> {
  const parts: TraitParts = {};
  for (const [folder, names] of [...LOCAL, ...(isRecorded ? [] : SYSTEM)]) {
    for (const name of await list(join(root, folder))) {
      if (!names.test(name)) continue;
      const digest = await files.tree(join(root, folder, name));
      if (digest !== undefined) parts[`/${folder}/${name}`] = digest;
    }
  }
  return parts;
}

/** Names in a folder; none where it is not there. */
export async function list(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
