import type { CabalPackage, Component } from '@build-machines/haskell';
import { isProduction } from '@build-machines/haskell';
import { posix } from 'node:path';

/** Something in a package's folder that a plain build does not read, unless it is declared or code reaches for it. */
export interface ExclusionCandidate {
  /** Relative to the package's folder. */
  readonly path: string;
  readonly kind: 'document' | 'test-folder';
}

/** Documents by name, in the package's top folder only; `README.lhs` is source, so the endings are listed. */
const DOCUMENT =
  /^(readme|changelog|changes|news|history|contributing|contributors|authors|code_of_conduct|security)(\.(md|markdown|rst|txt|adoc|org))?$/i;

/**
 * What may be left out of a package's production inputs: documents in its top folder, and folders that only test suites
 * and benchmarks have as source folders.
 * @param topLevel names of the files in the package's folder
 */
export function exclusionCandidates(pkg: CabalPackage, topLevel: readonly string[]): ExclusionCandidate[] {
  const documents = topLevel.filter((name) => DOCUMENT.test(name)).sort();
  const production = pkg.components.filter(isProduction);
  const folders = pkg.components
    .filter((component) => !isProduction(component))
    .flatMap((component) => component.sourceDirs.map((dir) => posix.normalize(dir)))
    .map((dir) => dir.replace(/\/$/, ''))
    .filter((dir) => dir !== '.' && !dir.startsWith('..') && !dir.startsWith('/'))
    .filter((dir) => !production.some((component) => mayUse(component, dir)));
  return [
    ...documents.map((path) => ({ path, kind: 'document' as const })),
    ...[...new Set(folders)].sort().map((path) => ({ path, kind: 'test-folder' as const })),
  ];
}

/** Whether a component's declared sources may lie in a folder. */
function mayUse(component: Component, folder: string): boolean {
  const paths = [...component.files, ...component.dirs, ...(component.mainIs === null ? [] : [component.mainIs])];
  return (
    component.sourceDirs.some((dir) => holdsSources(posix.normalize(dir), folder, component)) || paths.some(inside)
  );

  function inside(path: string): boolean {
    return `${posix.normalize(path)}/`.startsWith(`${folder}/`);
  }
}

/**
 * Whether a source folder overlaps with `folder` such that modules can be in the overlap. Below a source folder, only
 * folders that are named like modules can hold some: `test/` below `.` cannot.
 */
function holdsSources(sourceDir: string, folder: string, component: Component): boolean {
  const source = sourceDir.replace(/\/$/, '');
  if (source === folder || source.startsWith(`${folder}/`)) return true;
  const below = source === '.' ? folder : folder.startsWith(`${source}/`) ? folder.slice(source.length + 1) : null;
  if (below === null) return false;
  if (component.mainIs?.startsWith(`${below}/`) === true) return true;
  return below.split('/').every((segment) => /^\p{Lu}[\p{L}\p{N}_']*$/u.test(segment));
}

/**
 * Whether a text may name a candidate, so that compile-time code can reach it: a document by its name without ending,
 * a folder by its name where a path or literal can hold it.
 */
export function mentions(text: string, candidate: ExclusionCandidate): boolean {
  if (candidate.kind === 'document') {
    const stem = posix.parse(candidate.path).name;
    return text.toLowerCase().includes(stem.toLowerCase());
  }
  return candidate.path.split('/').some((segment) => {
    const escaped = segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`(?:^|["'/\\\\|\\s])${escaped}["'/\\\\|]`).test(text);
  });
}

/** The lines of a text that the C preprocessor reads: without any code that runs, they bring in what they name. */
export function preprocessorLines(text: string): string {
  return (text.match(/^[ \t]*#.*$/gm) ?? []).join('\n');
}
