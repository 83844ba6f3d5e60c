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
 */
export function packageFilesets(root: string, outside: readonly OutsideSource[]): string[] {
  return [
    folder(root),
    ...outsideFilesets(outside),
    `!{workspaceRoot}/**/{${TOOL_FOLDERS.join(',')}}/**/*`,
    ...(root === '.' ? OUTPUT_FOLDERS.map((path) => `!{workspaceRoot}/${path}/**/*`) : []),
  ];
}

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
