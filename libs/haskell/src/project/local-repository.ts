import type { ListItem } from '../package/field-lists.js';
import { HaskellFileError } from '../syntax/source-error.js';

/**
 * What is wrong with a source-repository-package that lies in the workspace; undefined for one that lies elsewhere. The
 * sources of a workspace are sent to a machine without the `.git` folders that cabal would clone.
 */
export function localRepositoryProblem(
  { text, line }: ListItem,
  file: string,
  workspaceRoot: string,
): HaskellFileError | undefined {
  const path = text.replace(/^file:\/\//, '');
  // `host:path` is how git writes a remote repository without a scheme.
  const isElsewhere = /^[a-z][a-z0-9+.-]*:\/\//i.test(path) || /^[^/]+:/.test(path);
  if (isElsewhere || (path.startsWith('/') && !`${path}/`.startsWith(`${workspaceRoot}/`))) return undefined;
  return new HaskellFileError(
    { file, line },
    `the repository "${text}" of this source-repository-package lies in the workspace: a build machine gets its files, but no git repository that cabal could clone`,
    `Remove the source-repository-package, and name the folder of its package in "packages".`,
  );
}
