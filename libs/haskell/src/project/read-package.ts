import { basename, join } from 'node:path';
import type { SourceFiles } from '../files/source-files.js';
import { parsePackageYaml } from '../hpack/parse-package-yaml.js';
import type { CabalPackage } from '../package/cabal-package.js';
import { parseCabalFile } from '../package/parse-cabal-file.js';
import { HaskellFileError } from '../syntax/source-error.js';
import type { LocatedPackage } from './haskell-project.js';

/** Parses a package description; a seam for callers that keep parsed ones. */
export type PackageParser = (text: string, file: string) => CabalPackage;

/** Parses a *.cabal or package.yaml, told apart by name. */
export const parsePackageFile: PackageParser = (text, file) =>
  isHpackFile(file) ? parsePackageYaml(text, file, basename(join(file, '..'))) : parseCabalFile(text, file);

/** Whether a path is that of an hpack description. */
export function isHpackFile(file: string): boolean {
  return basename(file) === 'package.yaml';
}

/**
 * The file that describes the package in a folder: its only *.cabal, else its package.yaml; null when there is neither.
 * @throws HaskellFileError when there are several *.cabal files, as cabal does
 */
export function packageFileIn(folder: string, files: SourceFiles): string | null {
  const names = files.list(folder).flatMap((entry) => (entry.isFolder ? [] : [entry.name]));
  const cabalFiles = names.filter((name) => name.endsWith('.cabal') && name !== '.cabal');
  if (cabalFiles.length > 1) {
    throw new HaskellFileError(
      { file: folder },
      `there are several *.cabal files (${cabalFiles.join(', ')})`,
      'Keep one package per folder.',
    );
  }
  const name = cabalFiles[0] ?? (names.includes('package.yaml') ? 'package.yaml' : undefined);
  return name === undefined ? null : join(folder, name);
}

/**
 * Reads the package that a file describes.
 * @throws HaskellFileError when the file is missing or broken
 */
export function readPackage(file: string, files: SourceFiles, parse: PackageParser = parsePackageFile): LocatedPackage {
  const text = files.read(file);
  if (text === null) throw new HaskellFileError({ file }, 'there is no such file', 'Create it, or remove its mention.');
  return { ...parse(text, file), dir: join(file, '..'), cabalFile: file, needsHpack: isHpackFile(file) };
}
