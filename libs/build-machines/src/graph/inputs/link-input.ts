import type { InputDefinition } from './input-definition.js';

/**
 * Where the symbolic links in a package's folder lead, as an input: Nx hashes regular files only, so a link that is
 * turned to another file would change nothing. The files behind links are named by filesets.
 */
export function linkInput(root: string): InputDefinition {
  const pruned = ['node_modules', 'dist', 'dist-newstyle', '.git', '.nx', '.stack-work'];
  const skipped = pruned.map((name) => `-name ${name}`).join(' -o ');
  const folder = `'./${root.replaceAll("'", `'\\''`)}'`;
  return {
    runtime: `find ${folder} \\( ${skipped} \\) -prune -o -type l -print -exec readlink {} \\; | LC_ALL=C sort`,
  };
}
