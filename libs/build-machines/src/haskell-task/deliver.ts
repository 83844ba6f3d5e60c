import { fetchArtifacts } from '@build-machines/remote';
import { join } from 'node:path';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { TaskOutcome } from './run-group.js';
import { artifactFolder, taskOutputFolder, writeTaskOutputs } from './task-outputs.js';

/** Puts a successful task's outputs in place; with `artifacts: eager`, and for what only makes sense here, the files too. */
export async function deliver(
  workspaceRoot: string,
  { task, result, log, artifacts }: TaskOutcome,
  { connect }: OpenedMachine,
  signal: AbortSignal,
): Promise<void> {
  const manifest = artifacts ?? { version: 1, artifacts: [] };
  if (task.options.artifacts === 'eager') {
    const destination = join(workspaceRoot, artifactFolder(task.project));
    await fetchArtifacts({ connect, machine: task.machine, manifest, destination, signal });
  }
  const folder = taskOutputFolder(task.project, task.target);
  await writeTaskOutputs(workspaceRoot, folder, { result, artifacts: manifest, log });
}
