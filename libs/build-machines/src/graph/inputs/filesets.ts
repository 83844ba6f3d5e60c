import { type OutsideSource, TOOL_FOLDERS } from '@build-machines/haskell';
import { OUTPUT_FOLDERS } from '@build-machines/sources';
import { literalGlob } from './literal-glob.js';

/**
 * Nx filesets of a package: every file of its folder, and what it reads outside of it. See
 * docs/decisions/0010-all-files-of-a-package.md.
 *
 * `{projectRoot}/…` sees only files that no nested project owns (a web front end with a package.json inside the package,
 * for example), so folders are named from `{workspaceRoot}`. All such filesets of a target are one set, whose exclusions
 * win over its inclusions.
 *
 * Symbolic links are left out by name: Nx takes stock of the workspace without them, but its daemon takes one that changes
 * later for a file (nx 23.2.1), so that a hash would depend on what the daemon has seen. They are a `runtime` input.
 */
export function packageFilesets(
  root: string,
  outside: readonly OutsideSource[],
  links: readonly string[] = [],
): string[] {
  return [
    folder(root),
    ...outsideFilesets(outside),
    ...links.flatMap((path) => (INEXACT.test(path) ? [] : [`!{workspaceRoot}/${literalGlob(path)}`])),
    `!{workspaceRoot}/**/{${TOOL_FOLDERS.join(',')}}/**/*`,
    ...(root === '.' ? OUTPUT_FOLDERS.map((path) => `!{workspaceRoot}/${path}/**/*`) : []),
  ];
}

/** Signs that no glob of Nx matches exactly; to leave out a little more than a link could leave out a file. */
const INEXACT = /[!()]/;

/** Filesets of what a package reads outside of its folder. */
function outsideFilesets(outside: readonly OutsideSource[]): string[] {
  return outside.map(({ kind, path }) => {
    if (kind === 'folder') return folder(path);
    return `{workspaceRoot}/${kind === 'file' ? literalGlob(path) : literalGlob(path, { stars: true })}`;
  });
}

function folder(root: string): string {
  return root === '.' ? '{workspaceRoot}/**/*' : `{workspaceRoot}/${literalGlob(root)}/**/*`;
}
