import { entriesBelow, holdsExecutables, type Link, linksIn, outsideSources } from '@build-machines/haskell';
import type { BuildMachinesError } from '@build-machines/protocol';
import { OUTPUT_FOLDERS } from '@build-machines/sources';
import { join, relative, sep } from 'node:path';
import { fileProblem } from '../graph-errors.js';
import type { PackageAnalysis } from './package-project.js';
import type { WorkspacePackage } from './workspace-packages.js';

/** What is known of the packages, and what is wrong with the files of others, by the file that describes the package. */
export interface PackageAnalyses {
  readonly analyses: ReadonlyMap<WorkspacePackage, PackageAnalysis>;
  readonly problems: readonly [file: string, error: BuildMachinesError][];
}

/** Finds out what each package reads outside of its folder, and where symbolic links and executable files are. */
export function analysePackages(packages: readonly WorkspacePackage[], workspaceRoot: string): PackageAnalyses {
  const analyses = new Map<WorkspacePackage, PackageAnalysis>();
  const problems: [string, BuildMachinesError][] = [];
  for (const pkg of packages) {
    try {
      analyses.set(pkg, analyse(pkg, workspaceRoot));
    } catch (error) {
      // A package whose files cannot be read is a problem, not the end.
      problems.push([pkg.file, fileProblem(pkg.file, error)]);
    }
  }
  return { analyses, problems };
}

/** Links lead to folders with further links. Each round follows those that the round before has found. */
function analyse({ pkg, root }: WorkspacePackage, workspaceRoot: string): PackageAnalysis {
  const outputs = new Set(OUTPUT_FOLDERS.map((path) => join(workspaceRoot, path)));
  const places = new Map([[root, entriesBelow(pkg.dir, outputs)]]);
  for (;;) {
    const entries = [...places.values()].flat();
    const links = linksIn(entries);
    const outside = outsideSources(pkg, workspaceRoot, 'all', links);
    const added = outside.filter(({ kind, path }) => kind === 'folder' && !places.has(path));
    for (const { path } of added) places.set(path, entriesIn(join(workspaceRoot, path), outputs));
    if (added.length > 0) continue;
    const passed = linksOnTheWay(links, [...places.keys()], workspaceRoot);
    const hasAny = links.length > 0 || holdsExecutables(entries);
    return {
      outside,
      links: [...new Set([...links.map(({ path }) => inWorkspace(path, workspaceRoot)), ...passed])].sort(),
      linkPlaces: hasAny ? [...places.keys(), ...passed].sort() : [],
    };
  }
}

/** A declared folder need not be there yet. */
function entriesIn(folder: string, skipped: ReadonlySet<string>): ReturnType<typeof entriesBelow> {
  try {
    return entriesBelow(folder, skipped);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Links that lie in none of the places, but that other links lead over. Relative to the workspace. */
function linksOnTheWay(links: readonly Link[], places: readonly string[], workspaceRoot: string): string[] {
  const passed = links
    .flatMap((link) => link.passed)
    .map((path) => inWorkspace(path, workspaceRoot))
    .filter(
      (path) => !path.startsWith('../') && !places.some((place) => place === '.' || path.startsWith(`${place}/`)),
    );
  return [...new Set(passed)];
}

function inWorkspace(path: string, workspaceRoot: string): string {
  return relative(workspaceRoot, path).split(sep).join('/');
}
