import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { GitIgnoreRules } from './git-ignored.js';
import { TOOL_FOLDERS } from './tool-folders.js';

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
 * The symbolic links in a folder, at any depth, sorted; links are not followed into folders. Those that git ignores are
 * left out (nix-build's `result`, an editor's lock): they are not sent to a machine, and come and go.
 * @param skipped absolute paths of folders to leave out
 */
export function linksIn(folder: string, skipped: ReadonlySet<string> = new Set()): Link[] {
  const rules = new GitIgnoreRules();
  const links: Link[] = [];
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (TOOL_FOLDERS.has(entry.name) || skipped.has(path)) continue;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isSymbolicLink() && !rules.ignores(path)) links.push({ path, targets: linkTargets(path) });
    }
  }
  return links.sort((a, b) => (a.path < b.path ? -1 : 1));
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
