import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { HaskellFileError } from '../syntax/source-error.js';
import type { PackageLocation } from './project-files.js';

/** The problem of a location that stands for nothing. */
export function absenceProblem({ text, line, file }: PackageLocation, exists: boolean): HaskellFileError {
  const correct = 'Correct the path, or move it to optional-packages.';
  const folder = dirname(file);
  const repository = exists ? undefined : sparseRepository(folder);
  return new HaskellFileError(
    { file, line },
    `"${text}" is no package: ${exists ? 'no *.cabal file is there' : 'nothing is there'}`,
    repository === undefined
      ? correct
      : `In this sparse checkout: git -C ${repository} sparse-checkout add ${relative(repository, join(folder, text))}\n${correct}`,
  );
}

/** The git repository that a folder lies in, where only a part of it is checked out. */
function sparseRepository(folder: string): string | undefined {
  if (existsSync(join(folder, '.git')))
    return existsSync(join(folder, '.git/info/sparse-checkout')) ? folder : undefined;
  return folder === dirname(folder) ? undefined : sparseRepository(dirname(folder));
}

/** The problem of a location that stands for a submodule that is not checked out. */
export function submoduleProblem(
  { text, line, file }: PackageLocation,
  submodule: string,
  workspaceRoot: string,
): HaskellFileError {
  const path = relative(workspaceRoot, submodule);
  return new HaskellFileError(
    { file, line },
    `"${text}" needs the git submodule ${path}, which is not checked out`,
    `Check it out: git submodule update --init ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`}`,
  );
}

/** The problem of a location that leads out of the workspace. */
export function outsideProblem({ text, line, file }: PackageLocation, workspaceRoot: string): HaskellFileError {
  return new HaskellFileError(
    { file, line },
    `"${text}" lies outside of the Nx workspace ${workspaceRoot}, whose files alone are sent to build machines`,
    'Move the package into the workspace, or make the folder above both the workspace: its nx.json belongs there.',
  );
}
