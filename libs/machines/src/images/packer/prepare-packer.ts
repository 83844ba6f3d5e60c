import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa, ExecaError } from 'execa';
import type { BuildProgress } from './build-progress.js';
import { PackerRefusedError } from './errors.js';
import type { StagedBuild } from './staging.js';
import { fetchesPlugins, type PackerVersion } from './version.js';

export interface PreparePackerOptions {
  readonly command: string;
  readonly version: PackerVersion;
  readonly staged: StagedBuild;
  readonly env: Readonly<Record<string, string>>;
  /** Where Packer keeps installers between builds. */
  readonly cacheFolder: string;
  readonly variables: Readonly<Record<string, string | number | readonly string[]>>;
  /** A user's `*.pkrvars.hcl`, for variables that `variables` leaves open (`ssh_timeout`, `bind_address`). */
  readonly variablesFile?: string;
  /** The source to build, such as `haskell.qemu.ubuntu`. */
  readonly only: string;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

/** A Packer run that was found to be in order. */
export interface PreparedPacker {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  buildArgs(onError: string): string[];
}

/** `packer init` (where this version fetches plugins) and `packer validate`. @throws PackerRefusedError */
export async function preparePacker(options: PreparePackerOptions): Promise<PreparedPacker> {
  const { command, version, staged, cacheFolder, variables, only, onProgress, signal } = options;
  const cwd = dirname(staged.payload);
  const decided = join(cwd, 'variables.pkrvars.json');
  await writeFile(decided, JSON.stringify(variables, null, 2));
  const env = {
    ...options.env,
    PACKER_CACHE_DIR: cacheFolder,
    // Packer would otherwise ask HashiCorp for news at each start.
    CHECKPOINT_DISABLE: '1',
  };
  const packer = async (verb: string, args: string[]): Promise<void> => {
    try {
      const { stdout } = await execa(command, [verb, ...args, staged.templates], {
        cwd,
        env,
        extendEnv: false,
        stdin: 'ignore',
        cancelSignal: signal,
      });
      for (const text of stdout.split('\n').filter((line) => line.trim() !== '')) onProgress?.({ kind: 'line', text });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ExecaError)) throw error;
      throw new PackerRefusedError(
        `packer ${verb} failed:\n${`${String(error.stdout)}\n${String(error.stderr)}`.trim()}`,
        {
          hint:
            verb === 'init'
              ? 'Packer fetches its plugins from github.com: check the network and the proxy.'
              : 'Check the variables of the image in machine.yml against what is said above.',
          cause: error,
        },
      );
    }
  };
  if (fetchesPlugins(version)) {
    onProgress?.({ kind: 'stage', text: 'packer init' });
    await packer('init', []);
  }
  onProgress?.({ kind: 'stage', text: 'packer validate' });
  // Of two files that set a variable the later one counts: a user's never decides what the image's digest speaks of.
  const files = [...(options.variablesFile === undefined ? [] : [options.variablesFile]), decided];
  const selection = [`-only=${only}`, ...files.map((file) => `-var-file=${file}`)];
  await packer('validate', selection);
  return {
    command,
    cwd,
    env,
    buildArgs: (onError) => ['build', '-machine-readable', `-on-error=${onError}`, ...selection, staged.templates],
  };
}
