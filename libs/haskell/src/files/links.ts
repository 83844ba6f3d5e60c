import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FolderEntry } from './folder-entries.js';
import { GitIgnoreRules } from './git-ignored.js';

/** A symbolic link, and every path that it leads over: its target, and where that is a link again, the target's. */
export interface Link {
  /** Absolute. */
  readonly path: string;
  /** Absolute; something need not be there. */
  readonly targets: readonly string[];
}

/** More links in a row than any system follows. */
const LONGEST_CHAIN = 40;

/**
 * The symbolic links among these, sorted. Those that git ignores are left out (nix-build's `result`, an editor's lock): they
 * are not sent to a machine, and come and go.
 */
export function linksIn(entries: readonly FolderEntry[]): Link[] {
  const rules = new GitIgnoreRules();
  return entries
    .filter(({ path, entry }) => entry.isSymbolicLink() && !rules.ignores(path))
    .map(({ path }) => ({ path, targets: linkTargets(path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every path that a symbolic link leads over, absolute; none where the path is no link. */
export function linkTargets(path: string): string[] {
  const targets: string[] = [];
  for (let at = path; targets.length < LONGEST_CHAIN && isLink(at);) {
    at = resolve(dirname(at), readlinkSync(at));
    targets.push(at);
  }
  return targets;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
