import { statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { entriesBelow } from '../files/folder-entries.js';
import { type Link, linksIn } from '../files/links.js';
import { absentAs, type SourceFiles } from '../files/source-files.js';
import { declaredPaths, leavesFolder } from '../package/declared-paths.js';
import type { LocatedPackage } from './haskell-project.js';
import { matchLocation } from './location-glob.js';
import type { DependencyScope } from './package-graph.js';

/**
 * Something outside of a package's folder that its build reads, relative to the workspace: a folder with all below it, a
 * file, or a pattern of files. A pattern stands only for what lies in a folder above the package (`../*.md`), where the
 * whole folder would be the package's neighbours; of other patterns the folder is taken, so that it is known as a whole.
 */
export interface OutsideSource {
  readonly kind: 'folder' | 'file' | 'pattern';
  readonly path: string;
}

/**
 * What a package reads outside of its folder: paths that its description names or includes, and what symbolic links in it lead to.
 * Sorted, each once; what lies outside of the workspace is left out.
 * @param scope whether test suites and benchmarks count
 * @param links default: those that are in the package's folder
 */
export function outsideSources(
  pkg: LocatedPackage,
  workspaceRoot: string,
  scope: DependencyScope,
  links: readonly Link[] = linksIn(entriesBelow(pkg.dir)),
): OutsideSource[] {
  const inWorkspace = (path: string): string | null => {
    const inside = relative(workspaceRoot, path).split(sep).join('/');
    return leavesFolder(inside) || isAbsolute(inside) ? null : inside === '' ? '.' : inside;
  };
  const found = new Map<string, OutsideSource>();
  const add = (kind: OutsideSource['kind'], path: string): void => {
    const inside = inWorkspace(path);
    if (inside !== null) found.set(`${inside} ${kind}`, { kind, path: inside });
  };
  const { folders, files } = declaredPaths(pkg, scope);
  for (const folder of folders.filter(leavesFolder)) add('folder', join(pkg.dir, folder));
  for (const file of files.filter(leavesFolder)) {
    const fixed = fixedFolder(join(pkg.dir, file));
    if (fixed === null) add('file', join(pkg.dir, file));
    else if (`${pkg.dir}${sep}`.startsWith(`${fixed}${sep}`)) add('pattern', join(pkg.dir, file));
    else add('folder', fixed);
  }
  for (const file of pkg.includedFiles) if (leavesFolder(relative(pkg.dir, file))) add('file', file);
  for (const target of links.flatMap((link) => link.targets)) {
    if (!`${target}${sep}`.startsWith(`${pkg.dir}${sep}`)) add(isFolder(target) ? 'folder' : 'file', target);
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

/** What has to be sent for outside sources: whole folders, and single files. Relative to the workspace. */
export function outsideScope(
  sources: readonly OutsideSource[],
  workspaceRoot: string,
  files: SourceFiles,
): { roots: string[]; files: string[] } {
  const ofKind = (kind: OutsideSource['kind']) => sources.filter((source) => source.kind === kind).map((s) => s.path);
  const matched = ofKind('pattern')
    .flatMap((pattern) => matchLocation(pattern, workspaceRoot, files))
    .filter((match) => !match.isFolder)
    .map((match) => relative(workspaceRoot, match.path).split(sep).join('/'));
  return { roots: ofKind('folder'), files: [...new Set([...ofKind('file'), ...matched])].sort() };
}

/** The part of a glob's path in front of its first pattern; null for a path without any. */
function fixedFolder(path: string): string | null {
  const segments = path.split('/');
  const first = segments.findIndex((segment) => /[*{]/.test(segment));
  return first === -1 ? null : segments.slice(0, first).join('/');
}

function isFolder(path: string): boolean {
  return absentAs(false, () => statSync(path).isDirectory());
}
