import type { ArtifactManifest } from '@build-machines/protocol';
import { fetchArtifacts } from '@build-machines/remote';
import { join } from 'node:path';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import { artifactFolder, documentationFolder, taskOutputFolder, writeTaskOutputs } from './task-outputs.js';
import type { TaskSuccess } from './task-outcome.js';

/**
 * Puts a successful task's outputs in place: with `artifacts: eager` the files too, and documentation always, because it
 * is there to be read here.
 * @returns how many bytes of files came from the machine.
 */
export async function deliver(
  workspaceRoot: string,
  { task, result, log, artifacts: manifest }: TaskSuccess,
  { machine, connect }: OpenedMachine,
  signal: AbortSignal,
): Promise<number> {
  const fetchInto = async (folder: string, wanted: ArtifactManifest): Promise<number> => {
    const destination = join(workspaceRoot, folder);
    const { name } = machine.definition;
    const maxBytes = task.options.artifactsMaxMiB * 1024 ** 2;
    const what = { machine: name, manifest: wanted, destination, maxBytes };
    return (await fetchArtifacts({ connect, ...what, signal })).fetchedBytes;
  };
  let bytes = 0;
  if (task.kind === 'haddock') bytes = await fetchInto(documentationFolder(task.project), documentation(manifest));
  else if (task.options.artifacts === 'eager') bytes = await fetchInto(artifactFolder(task.project), manifest);
  const folder = taskOutputFolder(task.project, task.target);
  await writeTaskOutputs(workspaceRoot, folder, { result, artifacts: manifest, log });
  return bytes;
}

/** The documentation alone, a folder for each package. */
function documentation({ version, artifacts }: ArtifactManifest): ArtifactManifest {
  const pages = artifacts.filter(({ kind }) => kind === 'documentation');
  return { version, artifacts: pages.map((page) => ({ ...page, path: page.path.replace(/^doc\//, '') })) };
}
