import { basename, dirname, join } from 'node:path';
import type { SourceFiles } from '../files/source-files.js';
import { RemoteDefaultsError } from '../hpack/hpack-defaults.js';
import { isMadeByHpack, saysOtherwise } from '../hpack/hpack-made.js';
import { isHpackText } from '../hpack/is-hpack.js';
import { type HpackPackage, parsePackageYaml } from '../hpack/parse-package-yaml.js';
import type { CabalPackage } from '../package/cabal-package.js';
import { parseCabalFile } from '../package/parse-cabal-file.js';
import { HaskellFileError } from '../syntax/source-error.js';
import type { LocatedPackage } from './haskell-project.js';

/** Parses a package description; a seam for callers that keep parsed ones. */
export type PackageParser = (text: string, file: string, read: SourceFiles['read']) => CabalPackage | HpackPackage;

/** Parses a *.cabal or package.yaml, told apart by name. */
export const parsePackageFile: PackageParser = (text, file, read) =>
  isHpackFile(file) ? parsePackageYaml(text, file, basename(dirname(file)), read) : parseCabalFile(text, file);

/** Whether a path is that of an hpack description. */
export function isHpackFile(file: string): boolean {
  return basename(file) === 'package.yaml';
}

/**
 * The file that describes the package in a folder: its only *.cabal, else the package.yaml of hpack; null when there is
 * neither. A *.cabal that hpack has made counts as long as the package.yaml beside it says the same: hpack itself would
 * replace it.
 * @throws HaskellFileError when there are several *.cabal files, as cabal does
 */
export function packageFileIn(
  folder: string,
  files: SourceFiles,
  parse: PackageParser = parsePackageFile,
): string | null {
  const names = files.list(folder).flatMap((entry) => (entry.isFolder ? [] : [entry.name]));
  const cabalFiles = names.filter((name) => name.endsWith('.cabal') && name !== '.cabal');
  if (cabalFiles.length > 1) {
    throw new HaskellFileError(
      { file: folder },
      `there are several *.cabal files (${cabalFiles.join(', ')})`,
      'Keep one package per folder.',
    );
  }
  const [cabalFile] = cabalFiles.map((name) => join(folder, name));
  const yamlFile = names.includes('package.yaml') ? join(folder, 'package.yaml') : undefined;
  const yamlText = yamlFile === undefined ? null : files.read(yamlFile);
  if (yamlFile === undefined || yamlText === null) return cabalFile ?? null;
  if (cabalFile === undefined) return isHpackText(yamlText, yamlFile, files.read) ? yamlFile : null;
  return isStale(cabalFile, { file: yamlFile, text: yamlText }, files, parse) ? yamlFile : cabalFile;
}

/** Whether hpack would make another *.cabal file than the one that is there. */
function isStale(
  cabalFile: string,
  yaml: { readonly file: string; readonly text: string },
  files: SourceFiles,
  parse: PackageParser,
): boolean {
  const cabalText = files.read(cabalFile);
  if (cabalText === null || !isMadeByHpack(cabalText)) return false;
  try {
    const described = parse(yaml.text, yaml.file, files.read);
    return saysOtherwise(described, parse(cabalText, cabalFile, files.read));
  } catch (error) {
    // What hpack cannot read it replaces nothing with; that it is broken is reported where it is read.
    if (error instanceof HaskellFileError) return !(error instanceof RemoteDefaultsError);
    throw error;
  }
}

/**
 * Reads the package that a file describes.
 * @throws HaskellFileError when the file is missing or broken
 */
export function readPackage(file: string, files: SourceFiles, parse: PackageParser = parsePackageFile): LocatedPackage {
  const text = files.read(file);
  if (text === null) throw new HaskellFileError({ file }, 'there is no such file', 'Create it, or remove its mention.');
  const pkg = parse(text, file, files.read);
  const includedFiles = 'includedFiles' in pkg ? pkg.includedFiles : [];
  return { ...pkg, dir: dirname(file), cabalFile: file, needsHpack: isHpackFile(file), includedFiles, added: NOTHING };
}

const NOTHING = { folders: [], files: [] };
