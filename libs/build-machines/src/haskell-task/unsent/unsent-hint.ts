import { entriesBelow } from '@build-machines/haskell';
import type { SourceList } from '@build-machines/sources';
import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { missedFiles } from './missed-files.js';

/** A hint names at most this many files: one is mostly the key to the others. */
const NAMED = 3;

/** What is known of the files of a run that failed. */
export interface FilesOfRun {
  readonly root: string;
  /** The task whose inputs decide. */
  readonly taskId: string;
  readonly sent: Pick<SourceList, 'files' | 'links' | 'folders'>;
  /** Every file that Nx knows. */
  readonly known: ReadonlySet<string>;
}

/**
 * What to do about files that a failed command did not find although the workspace has them: they are no inputs of the
 * task, so they were not sent. Empty where there is none.
 */
export function unsentHint(output: string, run: FilesOfRun): string {
  const sent = new Set([...run.sent.files, ...run.sent.links.keys()]);
  const unsent = new Set(
    missedFiles(output)
      .flatMap(({ names }) => names.flatMap((name) => placesOf(name, run)))
      .filter((path) => !sent.has(path)),
  );
  return [...unsent]
    .slice(0, NAMED)
    .map((path) => `${adviceFor(path, run)}\n`)
    .join('');
}

/** Where in the workspace a name that a compiler printed can be. */
function placesOf(name: string, { root, sent: { folders } }: FilesOfRun): string[] {
  const inWorkspace = (path: string): string[] => {
    // Behind a link, it is the file itself that has to be an input.
    const inside = relative(realpathSync(root), realpathSync(path)).split(sep).join('/');
    return inside === '' || inside.startsWith('../') ? [] : [inside];
  };
  if (isAbsolute(name)) return existsSync(name) ? inWorkspace(name) : [];
  const beside = [...folders, '.'].map((folder) => join(root, folder, name)).filter((path) => existsSync(path));
  if (beside.length > 0 || name.startsWith('..')) return beside.flatMap(inWorkspace);
  // A header or module: its folder is one of those that the package description names.
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => entriesBelow(join(root, folder)))
    .filter(({ path }) => path.endsWith(`/${name}`))
    .flatMap(({ path }) => inWorkspace(path));
}

function adviceFor(path: string, { taskId, known }: FilesOfRun): string {
  const what = `${path} is in the workspace, but it is no input of ${taskId}, so it was not sent to the machine.`;
  if (known.has(path)) return `${what} Add it to the target: "inputs": ["...", "{workspaceRoot}/${path}"]`;
  return (
    `${what} Git or Nx ignores it. Add this line to .nxignore: !${ignoredPart(path, known)}  Or, if a task makes it, ` +
    `add to the target: "dependsOn": ["<project>:<target>"], "inputs": ["...", { "dependentTasksOutputFiles": "**/*" }]`
  );
}

/** The outermost folder on the way to a file that Nx knows nothing of: that one is ignored; else the file itself. */
function ignoredPart(path: string, known: ReadonlySet<string>): string {
  const segments = path.split('/');
  for (let length = 1; length < segments.length; length++) {
    const folder = `${segments.slice(0, length).join('/')}/`;
    if (![...known].some((file) => file.startsWith(folder))) return folder;
  }
  return path;
}
