import { stateFolder } from '@build-machines/machines';
import { pathSegment } from '@build-machines/owned-files';
import type { ArtifactManifest } from '@build-machines/protocol';
import { ArtifactsLostError, fetchArtifacts, outputTurn } from '@build-machines/remote';
import { relative } from 'node:path';
import { taskFor, TaskPlanner } from '@build-machines/sources';
import prettyBytes from 'pretty-bytes';
import { openMachine } from '../machine-task/open-machine.js';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import { CabalTaskOptions, type HaskellOptions } from '../options/haskell-options.js';
import { declaredRunFolder, type TargetOf } from '../outputs/declared-folders.js';
import { artifactFolder } from '../outputs/output-paths.js';
import { machinesInOrder } from '../placing/machines-in-order.js';
import { artifactPlace, type OutputPlace } from './output-places.js';
import { resolveProject } from './resolve-task.js';
import { RunConsole } from './run-console.js';
import { runTasks, type TaskSurroundings } from './run-tasks.js';
import { readArtifactManifest } from './task-outputs.js';

/** Options of a fetch beyond those of every Haskell target. */
export interface FetchOptions extends HaskellOptions {
  readonly packages?: string[];
  readonly outputPath?: string;
  readonly artifactsMaxMiB: number;
  /** Target whose manifest says what there is to fetch. */
  readonly buildTarget: string;
}

/**
 * Brings a project's artifacts to the workstation, as its last remote-build listed them. When that list is missing, or
 * the machine has lost the contents (it was replaced), the project is built again first.
 */
export async function fetchForProject(
  { project, target }: TargetOf,
  options: FetchOptions,
  surroundings: TaskSurroundings,
): Promise<boolean> {
  const { context, verbose, signal } = surroundings;
  const root = context.root;
  const console = new RunConsole(process, verbose);
  try {
    const { cabalFolder, haskell } = resolveProject(context, project, options.packages, new TaskPlanner(context));
    const { projectGraph } = context;
    const folder = options.outputPath ?? artifactFolder(pathSegment(project));
    const place = await artifactPlace(folder, { project, target }, { root, projectGraph, packages: haskell.packages });
    const turnFile = await outputTurn(root, place.folder);
    const fetch = async (name: string, manifest: ArtifactManifest): Promise<void> => {
      const machine = await openMachine(root, name, { console, signal });
      await fetchTo({ ...place, turnFile, shown: relative(root, place.folder) }, manifest, {
        machine,
        maxBytes: options.artifactsMaxMiB * 1024 ** 2,
        console,
        signal,
      });
    };
    const manifest = await readArtifactManifest(
      root,
      declaredRunFolder(projectGraph, { project, target: options.buildTarget }),
    );
    if (manifest !== null) {
      const hub = { state: stateFolder(), env: process.env, signal };
      const names = await machinesInOrder(root, options, { cabalFolder, purpose: 'fetch' }, hub);
      for (const name of names) if (await unlessLost(() => fetch(name, manifest), console)) return true;
      console.note('building again');
    }
    const built = await build(project, options, surroundings);
    if (built === undefined) return false;
    await fetch(built.machine, built.manifest);
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
    console.note(error.message);
    return false;
  }
}

async function build(
  project: string,
  options: FetchOptions,
  surroundings: TaskSurroundings,
): Promise<{ machine: string; manifest: ArtifactManifest } | undefined> {
  const { machine, labels, ghc, cabal, args, env, gitInfo, timeoutSeconds, packages } = options;
  const parsed = CabalTaskOptions.parse({ machine, labels, ghc, cabal, args, env, gitInfo, timeoutSeconds, packages });
  const target = options.buildTarget;
  const { context } = surroundings;
  const task = taskFor({ project, target }, context);
  // Nx keeps what is fetched under a hash of the same sources.
  const isKept = true;
  const request = {
    taskId: task.id,
    project,
    target,
    env: process.env,
    options: parsed,
    task,
    hashedTraits: undefined,
    isKept,
  };
  let built: { machine: string; manifest: ArtifactManifest } | undefined;
  // To its end, so that the record of the run is complete too.
  for await (const outcome of runTasks('build', [request], surroundings)) {
    if (outcome.status === 'success') built = { machine: outcome.machine, manifest: outcome.artifacts };
    else if (outcome.error !== undefined) throw outcome.error;
  }
  return built;
}

async function fetchTo(
  { folder: destination, claim, turnFile, shown }: OutputPlace & { readonly turnFile: string; readonly shown: string },
  manifest: ArtifactManifest,
  {
    machine,
    maxBytes,
    console,
    signal,
  }: { machine: OpenedMachine; maxBytes: number; console: RunConsole; signal: AbortSignal },
): Promise<void> {
  const fetched = await fetchArtifacts({
    connect: machine.connect,
    machine: machine.machine.definition.name,
    manifest,
    destination,
    madeFor: claim.madeFor,
    turnFile,
    maxBytes,
    onProgress: ({ received, total }) => {
      console.progress('Fetching artifacts', `${prettyBytes(received)} of ${prettyBytes(total)}`);
    },
    signal,
  });
  // Nx shows this again on a hit, which another checkout of the workspace may have.
  console.note(
    `${fetched.files} artifacts in ${shown}, ${fetched.fetchedFiles} of them fetched (${prettyBytes(fetched.fetchedBytes)})`,
  );
}
