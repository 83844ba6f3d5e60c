import { relative } from 'node:path';
import { HaskellFileError } from '../syntax/source-error.js';
import type { PackageLocation } from './project-files.js';

/** The problem of a location that stands for nothing. */
export function absenceProblem({ text, line, file }: PackageLocation, exists: boolean): HaskellFileError {
  return new HaskellFileError(
    { file, line },
    `"${text}" is no package: ${exists ? 'no *.cabal file is there' : 'nothing is there'}`,
    'Correct the path, or move it to optional-packages.',
  );
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
