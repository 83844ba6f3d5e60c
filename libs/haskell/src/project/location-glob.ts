import { join } from 'node:path';
import type { SourceFiles } from '../files/source-files.js';

/** Whether a location of `packages` is a pattern, so that matching nothing is not the same as a missing file. */
export function isPattern(location: string): boolean {
  return /[*{]/.test(location);
}

/** Whether a location is a URL, which only cabal can read. */
export function isUrl(location: string): boolean {
  return /^[a-z][a-z+.-]*:\/\//i.test(location);
}

/** Whether a path is that of a package's source archive. */
export function isArchive(path: string): boolean {
  return /\.(tar\.gz|tgz)$/.test(path);
}

/** A path that a location matched. */
export interface Match {
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * Paths that a location matches. As in cabal: `*` stands for any characters of one name but not for a leading dot,
 * `{a,b}` for alternatives, and a trailing slash asks for folders. `**` stands for folders at any depth.
 * @param root folder that the location is relative to
 */
export function matchLocation(location: string, root: string, files: SourceFiles): Match[] {
  const matches = expandAlternatives(location).flatMap((alternative) => {
    const base = alternative.startsWith('/') ? '/' : root;
    const segments = alternative.split('/').filter((segment) => segment !== '' && segment !== '.');
    const found = descend([{ path: base, isFolder: true }], segments, files);
    return alternative.endsWith('/') ? found.filter((match) => match.isFolder) : found;
  });
  return [...new Map(matches.map((match) => [match.path, match])).values()];
}

function descend(from: Match[], segments: readonly string[], files: SourceFiles): Match[] {
  const [segment, ...rest] = segments;
  if (segment === undefined) return from;
  if (segment === '**') return descend([...from, ...from.flatMap((match) => foldersBelow(match, files))], rest, files);
  const next = from
    .filter((match) => match.isFolder)
    .flatMap((match): Match[] => {
      if (segment === '..') return [{ path: join(match.path, '..'), isFolder: true }];
      return files
        .list(match.path)
        .filter((entry) => matchesName(segment, entry.name))
        .map((entry) => ({ path: join(match.path, entry.name), isFolder: entry.isFolder }));
    });
  return descend(next, rest, files);
}

function foldersBelow(match: Match, files: SourceFiles): Match[] {
  return files
    .list(match.path)
    .filter((entry) => entry.isFolder && !entry.name.startsWith('.') && !SKIPPED.has(entry.name))
    .map((entry) => ({ path: join(match.path, entry.name), isFolder: true }))
    .flatMap((folder) => [folder, ...foldersBelow(folder, files)]);
}

/** Folders that tools fill: a package found there would be a copy. */
const SKIPPED = new Set(['node_modules', 'dist-newstyle', 'dist']);

function matchesName(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern.replace(/\\(.)/g, '$1') === name;
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(name);
}

/** `a/{b,c}/d` as `a/b/d` and `a/c/d`. */
function expandAlternatives(pattern: string): string[] {
  const [, before, alternatives, after] = /^([^{]*)\{([^{}]*)\}(.*)$/s.exec(pattern) ?? [];
  if (before === undefined || alternatives === undefined || after === undefined) return [pattern];
  return alternatives.split(',').flatMap((choice) => expandAlternatives(`${before}${choice.trim()}${after}`));
}
