import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { FolderEntry } from './folder-entries.js';

/** A symbolic link, and every path that it leads over: its target, and where that is or passes a link, on to the end. */
export interface Link {
  /** Absolute. */
  readonly path: string;
  /** Absolute; something need not be there. */
  readonly targets: readonly string[];
  /** Other links that it leads over, absolute. */
  readonly passed: readonly string[];
}

/** More links in a row than any system follows. */
const LONGEST_CHAIN = 40;

/** The symbolic links among these, sorted. */
export function linksIn(entries: readonly FolderEntry[]): Link[] {
  return entries
    .filter(({ entry }) => entry.isSymbolicLink())
    .map(({ path }) => ({ path, ...followed(path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every path that a symbolic link leads over, absolute; none where the path is no link. */
export function linkTargets(path: string): readonly string[] {
  return followed(path).targets;
}

function followed(path: string): Pick<Link, 'targets' | 'passed'> {
  const targets: string[] = [];
  const passed: string[] = [];
  let link = isLink(path) ? path : undefined;
  while (link !== undefined && targets.length < LONGEST_CHAIN) {
    const way = targets.at(-1) ?? path;
    const target = resolve(dirname(link), readlinkSync(link)) + way.slice(link.length);
    targets.push(target);
    link = firstLink(target, path);
    if (link !== undefined) passed.push(link);
  }
  return { targets, passed };
}

/** The first link on the way to a path, the path itself included. Folders above `from` are where one came from. */
function firstLink(path: string, from: string): string | undefined {
  const segments = path.split(sep);
  for (let length = 2; length <= segments.length; length++) {
    const part = segments.slice(0, length).join(sep);
    if (!from.startsWith(`${part}${sep}`) && isLink(part)) return part;
  }
  return undefined;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
