import type { HaskellProject } from './haskell-project.js';

/**
 * Requires that cabal can read what it needs to build some packages: their own descriptions, and the project's files.
 * @param folders absolute folders of the packages and of those that they need
 * @throws HaskellFileError that names the file, the line and the fix
 */
export function requireReadable(project: HaskellProject, folders: readonly string[]): void {
  const wanted = new Set(folders);
  const problem = project.broken.find(({ dir }) => wanted.has(dir))?.problem ?? project.problems[0];
  if (problem !== undefined) throw problem;
}
