import { fetchArtifacts } from '@build-machines/remote';
import { join } from 'node:path';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { TaskOutcome } from './run-group.js';
import { artifactFolder, taskOutputFolder, writeTaskOutputs } from './task-outputs.js';

/**
 * Puts a successful task's outputs in place; with `artifacts: eager`, and for what only makes sense here, the files too.
 * @returns how many bytes of files came from the machine.
 */
export async function deliver(
  workspaceRoot: string,
  { task, result, log, artifacts }: TaskOutcome,
  { machine, connect }: OpenedMachine,
  signal: AbortSignal,
): Promise<number> {
  const manifest = artifacts ?? { version: 1, artifacts: [] };
  let bytes = 0;
  if (task.options.artifacts === 'eager') {
    const destination = join(workspaceRoot, artifactFolder(task.project));
    const { name } = machine.definition;
    bytes = (await fetchArtifacts({ connect, machine: name, manifest, destination, signal })).fetchedBytes;
  }
  const folder = taskOutputFolder(task.project, task.target);
  await writeTaskOutputs(workspaceRoot, folder, { result, artifacts: manifest, log });
  return bytes;
}
