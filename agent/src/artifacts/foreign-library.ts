import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedComponent } from './build-plan.js';
import { topFiles } from './list-files.js';

/**
 * The shared object of a foreign library: `lib<name>.so`, or with the version that the package gives it. cabal leaves
 * those of earlier versions in its folder.
 */
export async function foreignLibraryFiles({ name, distDir, sourceDir }: PlannedComponent): Promise<string[]> {
  const folder = join(distDir, 'build', name);
  const all = (await topFiles(folder)).filter((file) => /^(lib.*\.so(\.\d+)*|.*\.dll|lib.*\.dylib)$/.test(file));
  const versions = await versionsOf(name, sourceDir);
  const current = all.filter((file) => versions.some((version) => file.endsWith(`.so.${version}`)));
  return (current.length > 0 ? current : all).map((file) => join(folder, file));
}

/** The versions that a package's description gives a foreign library; several where it depends on conditions. */
async function versionsOf(name: string, sourceDir: string | undefined): Promise<string[]> {
  if (sourceDir === undefined) return [];
  const [description] = (await topFiles(sourceDir)).filter((file) => file.endsWith('.cabal'));
  if (description === undefined) return [];
  return foreignLibraryVersions(await readFile(join(sourceDir, description), 'utf8'), name);
}

/** See https://cabal.readthedocs.io/en/stable/cabal-package-description-file.html#foreign-libraries. */
export function foreignLibraryVersions(description: string, name: string): string[] {
  const sections = description.split(/^(?=[A-Za-z])/m);
  const own = sections.filter((section) => /^foreign-library\s+"?([^\s"{]+)/i.exec(section)?.[1] === name);
  return own.flatMap((section) => [
    ...[...section.matchAll(/^\s*lib-version-info\s*:\s*(\d+):(\d+):(\d+)/gim)].map(
      ([, current, revision, age]) => `${Number(current) - Number(age)}.${age}.${revision}`,
    ),
    ...[...section.matchAll(/^\s*lib-version-linux\s*:\s*([\d.]+)/gim)].map(([, version = '']) => version),
  ]);
}
