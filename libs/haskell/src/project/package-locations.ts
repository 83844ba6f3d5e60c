import { basename, dirname, join, relative } from 'node:path';
import { diskFiles, type SourceFiles } from '../files/source-files.js';
import { leavesFolder } from '../package/declared-paths.js';
import { sketchPackage } from '../package/sketch-package.js';
import { HaskellFileError } from '../syntax/source-error.js';
import type { BrokenPackage } from './haskell-project.js';
import { isArchive, isPattern, isUrl, matchLocation } from './location-glob.js';
import { absenceProblem, outsideProblem, submoduleProblem } from './location-problems.js';
import type { PackageLocation } from './project-files.js';
import { packageFileIn, type PackageParser } from './read-package.js';
import { realFolder } from './real-folder.js';
import { absentSubmodules } from './submodule.js';

/** What a location of a project file stands for. */
export interface LocatedFiles {
  /** Package descriptions. */
  readonly packageFiles: readonly string[];
  readonly archives: readonly string[];
  /** Symbolic links over which it leads. */
  readonly links: readonly string[];
  readonly broken: readonly BrokenPackage[];
  /** Why cabal cannot plan a project that has this location. */
  readonly problems: readonly HaskellFileError[];
}

/** Where locations are looked up. */
export interface Surroundings {
  /** The project's folder, which locations are relative to. */
  readonly dir: string;
  /** Nothing outside of it reaches a build machine. */
  readonly workspaceRoot: string;
  readonly files: SourceFiles;
  readonly parse: PackageParser;
}

/**
 * Finds what a location stands for: a folder stands for the package in it, a file for itself. A pattern may match folders
 * without a package as long as it matches one with.
 */
export function locate(location: PackageLocation, around: Surroundings): LocatedFiles {
  const found = { packageFiles: [], archives: [], links: [], broken: [], problems: [] } as Found;
  if (isUrl(location.text)) return found;
  const matches = matchLocation(hpackAware(location.text), around.dir, around.files);
  for (const match of matches) {
    const { path: folder, links } = realFolder(match.isFolder ? match.path : dirname(match.path), around.workspaceRoot);
    const file = match.isFolder ? undefined : join(folder, basename(match.path));
    if (leavesFolder(relative(around.workspaceRoot, folder))) {
      if (file === undefined || isDescriptionName(file)) found.broken.push(outsidePackage(folder, location, around));
      else if (isArchive(file)) found.problems.push(outsideProblem(location, around.workspaceRoot));
      continue;
    }
    found.links.push(...links);
    if (file === undefined) locateFolder(folder, location, around, found);
    else if (isArchive(file)) found.archives.push(file);
    else if (isDescriptionName(file) && describes(file, location, around, found)) found.packageFiles.push(file);
  }
  const finds = found.packageFiles.length + found.archives.length + found.broken.length + found.problems.length;
  if (isPattern(location.text)) reportSubmodules(location, around, found);
  if (finds === 0 && !location.optional) reportAbsence(location, matches.length > 0, around, found);
  return found;
}

interface Found {
  readonly packageFiles: string[];
  readonly archives: string[];
  readonly links: string[];
  readonly broken: BrokenPackage[];
  readonly problems: HaskellFileError[];
}

function locateFolder(folder: string, location: PackageLocation, around: Surroundings, found: Found): void {
  try {
    const file = packageFileIn(folder, around.files, around.parse);
    if (file !== null) found.packageFiles.push(file);
  } catch (error) {
    if (!(error instanceof HaskellFileError)) throw error;
    found.broken.push(brokenPackage(folder, location.file, error));
  }
}

/** A package.yaml beside a *.cabal is that file's source, and a package.yaml of pnpm is no package at all. */
function describes(file: string, location: PackageLocation, around: Surroundings, found: Found): boolean {
  try {
    const description = packageFileIn(dirname(file), around.files, around.parse);
    if (description === file) return true;
    if (description !== null && file.endsWith('.cabal')) found.packageFiles.push(description);
    return false;
  } catch (error) {
    if (!(error instanceof HaskellFileError)) throw error;
    // Several *.cabal files in one folder: cabal takes one that is named itself.
    if (!isPattern(location.text)) return true;
    found.broken.push(brokenPackage(dirname(file), location.file, error));
    return false;
  }
}

/** Submodules that are not checked out are where a pattern for package descriptions finds nothing, without a word. */
function reportSubmodules(location: PackageLocation, around: Surroundings, found: Found): void {
  const absent = absentSubmodules(around.dir, around.files);
  if (absent.length === 0) return;
  const pattern = location.text.replace(/[^/]*\.cabal$/, '');
  const matched = new Set(matchLocation(pattern, around.dir, around.files).map(({ path }) => path));
  for (const submodule of absent.filter((folder) => matched.has(folder)))
    found.broken.push(
      brokenPackage(submodule, location.file, submoduleProblem(location, submodule, around.workspaceRoot)),
    );
}

/**
 * A folder that a project file names is an Nx project also while nothing is there, so that its tasks can say what is
 * missing.
 */
function reportAbsence(location: PackageLocation, exists: boolean, around: Surroundings, found: Found): void {
  const { dir, files, workspaceRoot } = around;
  const folder = join(dir, location.text.replace(/[^/]*\.cabal$/, ''));
  const submodule =
    found.broken[0]?.dir ?? absentSubmodules(dir, files).find((absent) => `${folder}/`.startsWith(`${absent}/`));
  const problem =
    submodule === undefined
      ? absenceProblem(location, exists)
      : submoduleProblem(location, submodule, around.workspaceRoot);
  found.problems.push(problem);
  const name = basename(folder);
  if (isPattern(location.text) || folder === dir || !/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name)) return;
  if (!leavesFolder(relative(workspaceRoot, folder))) found.broken.push(brokenPackage(folder, location.file, problem));
}

/** A package of which nothing but its folder is known. */
function brokenPackage(dir: string, file: string, problem: HaskellFileError): BrokenPackage {
  return { dir, file, sketch: sketchPackage('', basename(dir), false), problem };
}

/** A package that no machine gets: no Nx project, but a name that others may ask for. */
function outsidePackage(folder: string, location: PackageLocation, { workspaceRoot }: Surroundings): BrokenPackage {
  const description = diskFiles()
    .list(folder)
    .find(({ name }) => name.endsWith('.cabal'));
  const name = description === undefined ? basename(folder) : basename(description.name, '.cabal');
  const problem = outsideProblem(location, workspaceRoot);
  return { dir: folder, file: location.file, sketch: sketchPackage('', name, false), problem };
}

/** A pattern for *.cabal files means the packages that hpack describes as well: their *.cabal is made later. */
function hpackAware(location: string): string {
  return location.replace(/(^|\/)([^/]*\*[^/]*\.cabal)$/, '$1{$2,package.yaml}');
}

function isDescriptionName(file: string): boolean {
  return file.endsWith('.cabal') || basename(file) === 'package.yaml';
}
