import type { InputDefinition } from './input-definition.js';

/** What of a package's folder Nx does not hash with the contents of its files. */
export interface UnhashedFacts {
  /** Whether there are symbolic links. */
  readonly hasLinks: boolean;
  /** Whether there are files that may be executed. */
  readonly hasExecutables: boolean;
}

/**
 * Where the symbolic links in a package's folder lead, and which files may be executed, as an input: Nx hashes the contents
 * of regular files only, so a link that is turned to another file, or a script that loses its bit, would change nothing.
 * The files behind links are named by filesets. None where there is neither: each such input costs a process.
 */
export function unhashedInputs(root: string, { hasLinks, hasExecutables }: UnhashedFacts): InputDefinition[] {
  if (!hasLinks && !hasExecutables) return [];
  const pruned = ['node_modules', 'dist', 'dist-newstyle', '.git', '.nx', '.stack-work'];
  const skipped = pruned.map((name) => `-name ${name}`).join(' -o ');
  const folder = `'./${root.replaceAll("'", `'\\''`)}'`;
  const links = '-type l -print -exec readlink {} \\;';
  const executables = '-type f -perm -100 -print';
  return [{ runtime: `find ${folder} \\( ${skipped} \\) -prune -o ${links} -o ${executables} | LC_ALL=C sort` }];
}
