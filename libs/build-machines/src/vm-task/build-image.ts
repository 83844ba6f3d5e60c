import {
  type BuildProgress,
  chooseAccelerator,
  findImageOf,
  type ImageBase,
  imageAssets,
  imageFolder,
  imageInputs,
  type LoadedMachine,
  packerBuild,
  type StateFolder,
  type StoredImage,
} from '@build-machines/machines';
import { OwnedFolder, realPathBelow } from '@build-machines/owned-files';
import { inTurn, outputTurn } from '@build-machines/remote';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { distributed } from '../machine-task/distribution.js';
import { imageRecordFolder } from '../outputs/output-paths.js';

/** How an image is built. */
export interface BuildImageOptions {
  readonly workspaceRoot: string;
  readonly base: ImageBase;
  readonly toolchainSource: 'ghcup' | 'debian';
  readonly onError: 'cleanup' | 'abort' | 'run-cleanup-provisioner';
  readonly keep: number;
  readonly onProgress: (progress: BuildProgress) => void;
  readonly signal: AbortSignal;
}

/**
 * Builds a machine's image, unless one of the same inputs is in the store, and leaves its record as the target's output.
 * @returns the image, and whether it was built now.
 */
export async function buildImage(
  { definition, folder: machineFolder }: LoadedMachine,
  state: StateFolder,
  options: BuildImageOptions,
): Promise<{ image: StoredImage; built: boolean }> {
  const { workspaceRoot, base, toolchainSource, onError, keep, onProgress, signal } = options;
  const { name, resources, toolchains, packages } = definition;
  const folder = imageFolder(state);
  const choices = { resources, toolchainSource, toolchains, extraPackages: packages };
  const assets = imageAssets(
    packerFolder(workspaceRoot),
    distributed('agent/systemd'),
    distributed('agent/build-agent.cjs'),
  );
  const inputs = await imageInputs({ assets, base, choices });
  let image = await findImageOf(folder, name, inputs.all);
  const built = image === undefined;
  if (image === undefined) {
    const { accelerator } = await chooseAccelerator({ cacheFile: join(state.root, 'qemu-accelerator.json'), signal });
    image = await packerBuild({
      name,
      base,
      choices,
      assets,
      folder,
      keep,
      onError,
      accelerator,
      variablesFile: existing(join(machineFolder, 'packer.auto.pkrvars.hcl')),
      repository: workspaceRoot,
      env: packerEnvironment(process.env),
      now: new Date(),
      onProgress,
      signal,
    });
  }
  await writeRecord(workspaceRoot, name, image, signal);
  return { image, built };
}

/** The workspace's own templates and scripts, where it has a copy of ours to change; else ours. */
function packerFolder(workspaceRoot: string): string {
  const own = join(workspaceRoot, 'packer');
  return existsSync(join(own, 'haskell', 'build.pkr.hcl')) ? own : distributed('packer');
}

function existing(file: string): string | undefined {
  return existsSync(file) ? file : undefined;
}

/** What Packer and its plugins read; nothing else of this process's environment concerns them. */
function packerEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
  ];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** The output that Nx caches: a record that names the image, because the image itself is too large to be copied. */
async function writeRecord(
  workspaceRoot: string,
  machine: string,
  { ova, provenance }: StoredImage,
  signal: AbortSignal,
): Promise<void> {
  const folder = await realPathBelow(workspaceRoot, join(workspaceRoot, imageRecordFolder(machine)));
  const write = async (): Promise<void> => {
    const owned = await OwnedFolder.claim(folder, { madeFor: `the image of ${machine}`, formerFiles: ['image.json'] });
    await owned.writeFiles({ 'image.json': `${JSON.stringify({ ova, provenance }, null, 2)}\n` });
  };
  await inTurn(await outputTurn(workspaceRoot, folder), write, { signal });
}
