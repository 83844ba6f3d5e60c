import type { ArtifactManifest } from '@build-machines/protocol';
import { fetchArtifacts, outputTurn } from '@build-machines/remote';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { OutputPlaces } from './output-places.js';
import type { TaskSuccess } from './task-outcome.js';
import { writeTaskOutputs } from './task-outputs.js';

/**
 * Puts a successful task's outputs in place: with `artifacts: eager` the files too, and documentation always, because it
 * is there to be read here.
 * @returns how many bytes of files came from the machine.
 */
export async function deliver(
  workspaceRoot: string,
  { task, result, log, artifacts: manifest }: TaskSuccess,
  { machine, connect }: OpenedMachine,
  { places, signal }: { readonly places: OutputPlaces; readonly signal: AbortSignal },
): Promise<number> {
  let bytes = 0;
  if (places.files !== undefined) {
    const { folder, claim } = places.files;
    const fetched = await fetchArtifacts({
      connect,
      machine: machine.definition.name,
      manifest: task.kind === 'haddock' ? documentation(manifest) : manifest,
      destination: folder,
      madeFor: claim.madeFor,
      turnFile: await outputTurn(workspaceRoot, folder),
      maxBytes: task.options.artifactsMaxMiB * 1024 ** 2,
      signal,
    });
    bytes = fetched.fetchedBytes;
  }
  await writeTaskOutputs(workspaceRoot, places.run, { result, artifacts: manifest, log }, signal);
  return bytes;
}

/** The documentation alone, a folder for each package. */
function documentation({ version, artifacts }: ArtifactManifest): ArtifactManifest {
  const pages = artifacts.filter(({ kind }) => kind === 'documentation');
  return { version, artifacts: pages.map((page) => ({ ...page, path: page.path.replace(/^doc\//, '') })) };
}
