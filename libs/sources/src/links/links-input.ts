import { TOOL_FOLDERS } from '@build-machines/haskell';
import { posix } from 'node:path';

/**
 * Ends every command that {@link linksCommand} makes, so that a task's plan tells them from the user's `runtime` inputs.
 */
const MARK = '# build-machines: symbolic links and executable files';

/** Our own outputs at the top of the workspace, which are nobody's sources. */
export const OUTPUT_FOLDERS = ['dist/remote', 'dist/haddock'] as const;

/**
 * The `runtime` input that lists where symbolic links lead and which files may be executed. Nx hashes the contents of
 * regular files only, so a link that is turned to another file, or a script that loses its bit, would change nothing.
 * The executor runs the same command to know which links and modes to send, so what is sent is what was hashed.
 *
 * Absolute links are left out: they lead out of the workspace or into one computer's copy of it, so they cannot be sent
 * (nix-build's `result` is one). So are the lock files of Emacs.
 * @param places folders to look into, and links that lie elsewhere; relative to the workspace
 */
export function linksCommand(places: readonly string[]): string {
  const starts = [...new Set(places)]
    .map((place) => quoted(place === '.' ? '.' : `./${posix.normalize(place)}`))
    .join(' ');
  const skipped = [...TOOL_FOLDERS.map((name) => `-name ${name}`), ...OUTPUT_FOLDERS.map((path) => `-path ./${path}`)];
  // find's paths hold no double slash, so the first one of a record separates a link from its target.
  const links = `-type l ! -name '.#*' ! -lname '/*' -exec sh -c 'for p do printf "l%s//%s\\0" "$p" "$(readlink "$p")"; done' sh {} +`;
  const executables = `-type f -perm -100 -exec printf 'x%s\\0' {} +`;
  return `find ${starts} -type d \\( ${skipped.join(' -o ')} \\) -prune -o ${links} -o ${executables} | LC_ALL=C sort -z ${MARK}`;
}

/** Whether a `runtime` input is one of {@link linksCommand}. */
export function isLinksCommand(command: string): boolean {
  return command.endsWith(MARK);
}

/** What such a command lists. */
export interface LinksAndModes {
  readonly links: ReadonlyMap<string, string>;
  readonly executables: ReadonlySet<string>;
}

/** Reads the output of such a command. */
export function parseLinks(output: string): LinksAndModes {
  const links = new Map<string, string>();
  const executables = new Set<string>();
  for (const record of output.split('\0')) {
    const rest = record.slice(1);
    if (record.startsWith('x')) executables.add(posix.normalize(rest));
    const split = rest.indexOf('//');
    if (record.startsWith('l') && split > 0) links.set(posix.normalize(rest.slice(0, split)), rest.slice(split + 2));
  }
  return { links, executables };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
