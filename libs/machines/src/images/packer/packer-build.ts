import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../disk/missing.js';
import { ensurePrivateFolder } from '../../disk/private-folder.js';
import { imageInputsDigest, type ImageInputDigests } from '../inputs-digest.js';
import { hashPassword, makeOneTimePassword } from '../one-time-password.js';
import { keepNewestImages, type StoredImage } from '../store/image-store.js';
import type { ImageAssets } from './assets.js';
import type { BuildProgress } from './build-progress.js';
import { ImageBuildPreflightError } from './errors.js';
import { explainBuildFailure } from './explain-failure.js';
import { gitRevision } from './git-revision.js';
import { baseOrigin, baseVariables, loginOf, packerSource, roomFor, seedOf, type ImageBase } from './image-base.js';
import { readPins } from './pins.js';
import { checkFreeDisk, checkPrograms } from './preflight.js';
import { preparePacker } from './prepare-packer.js';
import { readReport } from './report.js';
import { runPacker } from './run-packer.js';
import { stageBuild } from './staging.js';
import { storeResult } from './store-result.js';
import { contentVariables, runVariables, type ImageChoices } from './variables.js';
import { fetchesPlugins, findPacker } from './version.js';
import { leaveWorkFolder, makeWorkFolder, removeWorkFolder } from './work-folder.js';

export interface PackerBuildOptions {
  /** Name of the image: `<name>-YYYYMMDD.ova`. */
  readonly name: string;
  readonly base: ImageBase;
  readonly choices: ImageChoices;
  readonly assets: ImageAssets;
  /** Folder of the images, see imageFolder(). */
  readonly folder: string;
  /** How many images of this name stay; at least 1. */
  readonly keep: number;
  /** What Packer does when a build fails: remove everything, keep the VM for a look, or run the cleanup provisioner. */
  readonly onError: 'cleanup' | 'abort' | 'run-cleanup-provisioner';
  readonly accelerator: 'kvm' | 'tcg';
  /** A user's `*.pkrvars.hcl`; it cannot change what the image holds. */
  readonly variablesFile?: string;
  /** Packer's program; default `packer`. */
  readonly packer?: string;
  /** Checkout whose revision the provenance shall name. */
  readonly repository?: string;
  /** Environment of Packer: PATH, HOME, proxies. */
  readonly env: Readonly<Record<string, string>>;
  readonly now: Date;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Builds an image: checks, `packer init` and `validate`, `packer build`, then an OVA with its checksum, provenance, bill of
 * materials and one-time password beside it. An image appears in the folder only when it is complete; a build that fails
 * or is cancelled leaves nothing but, where asked (`onError: 'abort'`), its VM.
 * @throws PackerMissingError, PackerTooOldError, ImageBuildPreflightError, PackerRefusedError, ImageBuildError,
 *   ImageBuildCancelledError
 */
export async function packerBuild(options: PackerBuildOptions): Promise<StoredImage> {
  const { name, base, choices, assets, folder, env, onProgress, signal, packer: command = 'packer' } = options;
  const version = await findPacker(command, env, signal);
  await ensurePrivateFolder(folder);
  await checkAgentBundle(assets.agentBundle);
  await checkPrograms(base.source, seedOf(base) !== 'none', env['PATH'] ?? '');
  await checkFreeDisk(folder, await roomFor(base));
  const pins = await readPins(assets.pins);
  const inputs = await imageInputs(options);
  const oneTimePassword = makeOneTimePassword();
  const login = loginOf(base, oneTimePassword);
  const work = await makeWorkFolder(folder);
  let keepWork = false;
  try {
    const staged = await stageBuild({
      folder: work,
      assets,
      name,
      passwordHash: await hashPassword(oneTimePassword, signal),
      seed: seedOf(base),
      withPlugins: fetchesPlugins(version),
    });
    const { cpus, memoryMiB } = choices.resources;
    const run = await preparePacker({
      command,
      version,
      staged,
      env: { ...env, PKR_VAR_ssh_password: login.password },
      cacheFolder: join(folder, '.packer-cache'),
      variables: {
        ...baseVariables(base, pins),
        ...contentVariables(choices),
        ...runVariables(staged, { name, cpus, memoryMiB, accelerator: options.accelerator, login: login.user }),
      },
      variablesFile: options.variablesFile,
      only: packerSource(base),
      onProgress,
      signal,
    });
    const outcome = await runPacker({
      ...run,
      args: run.buildArgs(options.onError),
      vm: vmOf(base.source),
      onProgress,
      signal,
    });
    if (outcome.exitCode !== 0) {
      keepWork = options.onError === 'abort';
      throw explainBuildFailure(outcome, staged.serialLog);
    }
    const image = await storeResult({
      name,
      folder,
      staged,
      source: base.source,
      origin: baseOrigin(base, pins),
      inputs,
      report: await readReport(staged.report),
      resources: choices.resources,
      oneTimePassword,
      packer: version.join('.'),
      git: options.repository === undefined ? null : await gitRevision(options.repository, signal),
      now: options.now,
      onProgress,
      signal,
    });
    await keepNewestImages(folder, name, options.keep);
    return image;
  } finally {
    await (keepWork ? leaveWorkFolder(work) : removeWorkFolder(work));
  }
}

/** Digests of what decides an image's content; `all` is the key by which findImageOf() finds one that exists. */
export async function imageInputs({
  assets,
  base,
  choices,
}: Pick<PackerBuildOptions, 'assets' | 'base' | 'choices'>): Promise<ImageInputDigests> {
  await checkAgentBundle(assets.agentBundle);
  // The disk's digest counts, not where it lies.
  const { checksum } = baseOrigin(base, await readPins(assets.pins));
  const variables = { ...contentVariables(choices), source: base.source, checksum };
  return imageInputsDigest({ ...assets, variables });
}

/** VirtualBox keeps a list of its VMs, from which Packer must take its own again; QEMU's VM is its process. */
function vmOf(source: ImageBase['source']): 'registered' | 'process' {
  return source === 'virtualbox-iso' ? 'registered' : 'process';
}

async function checkAgentBundle(file: string): Promise<void> {
  try {
    await stat(file);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    throw new ImageBuildPreflightError(`The agent's bundle ${file} does not exist`, {
      hint: 'Build it: npm run build',
      cause: error,
    });
  }
}
