import { BuildMachinesError } from '@build-machines/protocol';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { SourcesOf } from './task-sources.js';

/** A target's `inputs` leave out what every command of cabal needs: most often it was written by hand without any. */
export class InputsIncompleteError extends BuildMachinesError {
  readonly code = 'inputs-incomplete';
  constructor(task: string, missing: readonly string[]) {
    super(
      `The inputs of ${task} leave out ${missing.slice(0, 3).join(', ')}. Only what Nx hashes for a task is sent to a machine, so cabal could not work.`,
      {
        hint: 'Give the target "inputs": ["haskell", "haskellProject", "^haskell"], or remove its "inputs" to have those that are inferred.',
        details: { task, missing },
      },
    );
  }
}

/** So many files are named. */
const NAMED = 3;

/** What Nx has hashed for a task is not what the workspace holds when it is to be sent: somebody edited in between. */
export class SourcesChangedError extends BuildMachinesError {
  readonly code = 'sources-changed';
  readonly changed: readonly SourcesOf[];
  constructor(changed: readonly SourcesOf[], workspaceRoot: string, files: readonly string[]) {
    const tasks = changed.map(({ plan }) => plan.task.id);
    super(
      `The sources of ${tasks.slice(0, NAMED).join(', ')} changed while ${tasks.length === 1 ? 'the task' : 'the tasks'} waited, after Nx had hashed them. ` +
        `The files that were written last: ${latest(workspaceRoot, files).join(', ')}. Nothing was built, because Nx would keep the result for the sources of before.`,
      { hint: 'Run it again.', details: { tasks } },
    );
    this.changed = changed;
  }
}

/** The files that were written last, the latest first. */
function latest(workspaceRoot: string, files: readonly string[]): string[] {
  const times = files.map((path): [string, number] => [
    path,
    lstatSync(join(workspaceRoot, path), { throwIfNoEntry: false })?.ctimeMs ?? Infinity,
  ]);
  return times
    .sort(([, a], [, b]) => b - a)
    .slice(0, NAMED)
    .map(([path, time]) => (time === Infinity ? `${path} (removed)` : path));
}
