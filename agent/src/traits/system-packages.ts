import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraitParts } from '@build-machines/protocol';
import type { FileDigests } from './file-digests.js';

/** Sections of Debian's archive whose packages a build reads: headers and libraries, compilers and tools, Haskell. */
const SECTIONS = new Set(['devel', 'libdevel', 'haskell']);

/** The same by name, for packages that were made without a section. */
const NAMES = /(-dev|-devel)$|^(libghc-|ghc|cabal-install|gcc|g\+\+|binutils|libc6-dev)/;

/**
 * The installed packages that a build can see, by dpkg's own record. Shared libraries are not listed: a development
 * package depends on exactly the version of its library. Without dpkg there are none.
 */
export async function systemPackages(root: string, files: FileDigests): Promise<TraitParts> {
  const status = join(root, 'var/lib/dpkg/status');
  const text = await files.derived(status, 'dpkg', async () =>
    JSON.stringify(installedPackages(await readFile(status, 'utf8'))),
  );
  return text === undefined ? {} : (JSON.parse(text) as TraitParts);
}

/** The packages of a dpkg status file (see dpkg-query(1)) that are installed and count for builds. */
export function installedPackages(status: string): TraitParts {
  const packages: TraitParts = {};
  for (const paragraph of status.split(/\n\n+/)) {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
    const name = field('Package');
    if (!/ installed$/.test(field('Status')) || name === '') continue;
    // `non-free/devel` is a section of another area of the archive.
    const section = field('Section').replace(/^.*\//, '');
    if (!SECTIONS.has(section) && !(section === '' && NAMES.test(name))) continue;
    const key = `package ${name}`;
    // Of several architectures of one package, all count.
    packages[key] = [packages[key], field('Version')].filter((version) => version !== undefined).join(', ');
  }
  return packages;
}
