import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Folder of the package that this code belongs to: the nearest one above it with a package.json. */
export const packageFolder = nearestPackage(__dirname);

/** The version of build-machines that is running. */
export function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/**
 * Where a generator's templates are. The published package has all generators in one bundle, so a generator's own
 * `__dirname` does not tell; but the folders below `src` and `dist` are the same.
 */
export function templateFolder(generator: string, part: string): string {
  const [tree = 'dist'] = relative(packageFolder, __dirname).split(sep);
  return join(packageFolder, tree, 'generators', generator, 'files', part);
}

function nearestPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : nearestPackage(dirname(folder));
}
