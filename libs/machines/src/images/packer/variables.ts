import type { StagedBuild } from './staging.js';

/** What decides the content of an image, as far as a user chooses it. */
export interface ImageChoices {
  readonly resources: { readonly cpus: number; readonly memoryMiB: number; readonly diskGiB: number };
  /** `ghcup`: pinned compilers; `debian`: the distribution's ghc and cabal-install, whatever versions are named. */
  readonly toolchainSource: 'ghcup' | 'debian';
  readonly toolchains: {
    readonly ghc: readonly string[];
    readonly cabal?: string;
    readonly stack?: string;
    readonly hls?: string;
  };
  readonly extraPackages: readonly string[];
}

/** Versions of a machine whose definition names none: two GHCs in use, and the cabal that GHCup recommends with them. */
export const DEFAULT_TOOLCHAINS = { ghc: ['9.8.4', '9.6.6'], cabal: '3.16.1.0' } as const;

/** The template's variables that decide content; part of the inputs' digest. */
export function contentVariables({ resources, toolchainSource, toolchains, extraPackages }: ImageChoices): {
  [name: string]: string | number | readonly string[];
} {
  return {
    disk_gib: resources.diskGiB,
    toolchain_source: toolchainSource,
    ghc_versions: toolchains.ghc.length > 0 ? toolchains.ghc : DEFAULT_TOOLCHAINS.ghc,
    cabal_version: toolchains.cabal ?? DEFAULT_TOOLCHAINS.cabal,
    stack_version: toolchains.stack ?? '',
    hls_version: toolchains.hls ?? '',
    extra_packages: extraPackages,
  };
}

/** The variables that say where this run works and how; they decide nothing about the content. */
export function runVariables(
  staged: StagedBuild,
  run: { name: string; cpus: number; memoryMiB: number; accelerator: 'kvm' | 'tcg'; login: string },
): { [name: string]: string | number | readonly string[] } {
  return {
    vm_name: run.name,
    output_directory: staged.output,
    payload_directory: staged.payload,
    report_file: staged.report,
    seed_files: staged.seedFiles,
    serial_log: staged.serialLog,
    cpus: run.cpus,
    memory_mib: run.memoryMiB,
    accelerator: run.accelerator,
    ssh_username: run.login,
  };
}
