import type { ArtifactManifest } from '@build-machines/protocol';
import { ArtifactsLostError, fetchArtifacts } from '@build-machines/remote';
import { join } from 'node:path';
import prettyBytes from 'pretty-bytes';
import { openMachine } from '../machine-task/open-machine.js';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import { CabalTaskOptions, type HaskellOptions } from '../options/haskell-options.js';
import { chooseMachine } from './choose-machine.js';
import { RunConsole } from './run-console.js';
import { runTasks, type TaskSurroundings } from './run-tasks.js';
import { artifactFolder, readArtifactManifest, taskOutputFolder } from './task-outputs.js';

/** Options of a fetch beyond those of every Haskell target. */
export interface FetchOptions extends HaskellOptions {
  readonly packages?: string[];
  readonly outputPath?: string;
  /** Target whose manifest says what there is to fetch. */
  readonly buildTarget: string;
}

/**
 * Brings a project's artifacts to the workstation, as its last remote-build listed them. When that list is missing, or
 * the machine has lost the contents (it was replaced), the project is built again first.
 */
export async function fetchForProject(
  { project }: { project: string },
  options: FetchOptions,
  surroundings: TaskSurroundings,
): Promise<boolean> {
  const { context, verbose, signal } = surroundings;
  const root = context.root;
  const console = new RunConsole(process, verbose);
  try {
    const name = await chooseMachine(root, options.machine);
    const machine = await openMachine(root, name, { console, signal });
    const destination = join(root, options.outputPath ?? artifactFolder(project));
    const fetch = (manifest: ArtifactManifest): Promise<void> =>
      fetchTo(destination, manifest, { machine, console, signal });
    const manifest = await readArtifactManifest(root, taskOutputFolder(project, options.buildTarget));
    if (manifest !== null && (await unlessLost(() => fetch(manifest), console))) return true;
    const built = await build(project, options, surroundings);
    if (built === undefined) return false;
    await fetch(built);
    return true;
  } finally {
    console.close();
  }
}

/** @returns whether it went well; false when the machine has lost what was asked for. */
async function unlessLost(fetch: () => Promise<void>, console: RunConsole): Promise<boolean> {
  try {
    await fetch();
    return true;
  } catch (error) {
    if (!(error instanceof ArtifactsLostError)) throw error;
    console.note(`${error.message}; building again`);
    return false;
  }
}

async function build(
  project: string,
  options: FetchOptions,
  surroundings: TaskSurroundings,
): Promise<ArtifactManifest | undefined> {
  const { machine, ghc, cabal, args, env, timeoutSeconds, packages } = options;
  const parsed = CabalTaskOptions.parse({ machine, ghc, cabal, args, env, timeoutSeconds, packages });
  const target = options.buildTarget;
  const request = { taskId: `${project}:${target}`, project, target, options: parsed };
  for await (const outcome of runTasks('build', [request], surroundings)) {
    if (outcome.status === 'success') return outcome.artifacts ?? { version: 1, artifacts: [] };
  }
  return undefined;
}

async function fetchTo(
  destination: string,
  manifest: ArtifactManifest,
  { machine, console, signal }: { machine: OpenedMachine; console: RunConsole; signal: AbortSignal },
): Promise<void> {
  const fetched = await fetchArtifacts({
    connect: machine.connect,
    machine: machine.machine.definition.name,
    manifest,
    destination,
    onProgress: ({ received, total }) => {
      console.progress('Fetching artifacts', `${prettyBytes(received)} of ${prettyBytes(total)}`);
    },
    signal,
  });
  console.note(
    `${fetched.files} artifacts in ${destination}, ${fetched.fetchedFiles} of them fetched (${prettyBytes(fetched.fetchedBytes)})`,
  );
}
