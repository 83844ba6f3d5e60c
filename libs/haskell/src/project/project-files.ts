import { join } from 'node:path';
import { linkTargets } from '../files/links.js';
import type { SourceFiles } from '../files/source-files.js';
import type { ListItem } from '../package/field-lists.js';
import { HaskellFileError } from '../syntax/source-error.js';
import { type CompilerSettings, parseCabalProjectFile } from './cabal-project-file.js';
import { localRepositoryProblem } from './local-repository.js';
import { isUrl } from './location-glob.js';
import type { LocatedCompilerField } from './requested-compiler.js';

/** A location of `packages` and the file that has it. */
export interface PackageLocation extends ListItem {
  readonly file: string;
  readonly optional: boolean;
}

/** All that a project's files say, with imports followed. */
export interface ProjectFiles {
  readonly files: readonly string[];
  readonly locations: readonly PackageLocation[];
  readonly settings: readonly CompilerSettings[];
  readonly compilers: readonly LocatedCompilerField[];
  readonly problems: readonly HaskellFileError[];
  /** Whether all of them could be read. */
  readonly isComplete: boolean;
  readonly hasImports: boolean;
}

/** The name of the file that makes a folder a cabal project. */
export const CABAL_PROJECT = 'cabal.project';

/**
 * Reads cabal.project, cabal.project.freeze and cabal.project.local of a folder, and what they import.
 * @param workspaceRoot what lies below it can only be read by cabal where it is sent
 */
export function readProjectFiles(dir: string, files: SourceFiles, workspaceRoot = dir): ProjectFiles {
  const seen = new Set<string>();
  const locations: PackageLocation[] = [];
  const settings: CompilerSettings[] = [];
  const compilers: LocatedCompilerField[] = [];
  const problems: HaskellFileError[] = [];
  let isComplete = true;
  let hasImports = false;

  const readOrReport = (file: string): string | null | undefined => {
    try {
      return files.read(file);
    } catch (error) {
      if (!(error instanceof HaskellFileError)) throw error;
      problems.push(error);
      isComplete = false;
      return undefined;
    }
  };
  const visit = (file: string, missing?: () => HaskellFileError): void => {
    if (seen.has(file)) return;
    const text = readOrReport(file);
    if (text === undefined) return;
    if (text === null) {
      if (missing) {
        problems.push(missing());
        isComplete = false;
      }
      return;
    }
    seen.add(file);
    // Nx sees no symbolic links: what they lead to has to be named.
    for (const target of linkTargets(file)) seen.add(target);
    try {
      const parsed = parseCabalProjectFile(text, file);
      locations.push(...parsed.packages.map((item) => ({ ...item, file, optional: false })));
      locations.push(...parsed.optionalPackages.map((item) => ({ ...item, file, optional: true })));
      settings.push(...parsed.settings);
      compilers.push(...parsed.compilers.map((field) => ({ ...field, file })));
      hasImports ||= parsed.imports.length > 0;
      problems.push(...parsed.repositories.flatMap((item) => localRepositoryProblem(item, file, workspaceRoot) ?? []));
      for (const item of parsed.imports.filter(({ text: path }) => !isUrl(path))) {
        visit(importedPath(item.text, file, dir, files), () => missingImport(item, file));
      }
    } catch (error) {
      if (!(error instanceof HaskellFileError)) throw error;
      problems.push(error);
      isComplete = false;
    }
  };

  for (const suffix of ['', '.freeze', '.local']) visit(join(dir, `${CABAL_PROJECT}${suffix}`));
  return { files: [...seen], locations, settings, compilers, problems, isComplete, hasImports };
}

/** Imports are relative to the importing file, in older releases to the project. */
function importedPath(path: string, importer: string, dir: string, files: SourceFiles): string {
  if (path.startsWith('/')) return path;
  const besideImporter = join(importer, '..', path);
  return files.read(besideImporter) === null ? join(dir, path) : besideImporter;
}

function missingImport(item: ListItem, file: string): HaskellFileError {
  return new HaskellFileError(
    { file, line: item.line },
    `the imported file "${item.text}" does not exist`,
    'Create it, or remove the import.',
  );
}
