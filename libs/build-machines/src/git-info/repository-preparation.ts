import { posix } from 'node:path';
import type { RepositoryFile } from './git-object.js';

/**
 * Writes files, given as path and content in base64 in turns, below the folder that the first argument names, which is
 * made anew. The script is constant and the arguments reach it as parameters, so nothing in them is read by the shell.
 */
const WRITE_FILES = String.raw`set -e
folder=$1; shift
rm -rf "$folder"
while [ $# -gt 0 ]; do
  mkdir -p "$(dirname "$folder/$1")"
  printf %s "$2" | base64 -d > "$folder/$1"
  shift 2
done`;

/**
 * The command that gives a run the repository: in the root of the mirror, where the workspace has its own.
 * @param cwd folder of the command in the workspace, `.` for the workspace itself
 */
export function repositoryPreparation(files: readonly RepositoryFile[], cwd: string): string[] {
  const folder = posix.join(posix.relative(posix.join('/', cwd), '/') || '.', '.git');
  return [
    'sh',
    '-c',
    WRITE_FILES,
    'git repository',
    folder,
    ...files.flatMap(({ path, content }) => [path, content.toString('base64')]),
  ];
}
