import { arch } from 'node:os';
import { join } from 'node:path';
import {
  traitsDigest,
  traitsSeen,
  type InstalledTool,
  type MachineTraits,
  type ResolvedToolchain,
  type TraitParts,
} from '@build-machines/protocol';
import { cabalConfiguration } from './cabal-configuration.js';
import { compilerTraits } from './compiler-traits.js';
import { ensureCabalConfiguration } from './ensure-cabal-configuration.js';
import { FileDigests } from './file-digests.js';
import { localFiles } from './local-files.js';
import { buildPrograms } from './programs.js';
import { systemPackages } from './system-packages.js';

/** Where the parts of a machine lie that builds see. */
export interface TraitPlaces {
  /** Root of the file system: `/`. */
  readonly root: string;
  /** HOME of runs. */
  readonly home: string;
  /** Homes that mean the same on each machine, for paths in texts. */
  readonly homes: readonly string[];
  /** PATH of runs, without the folder of the toolchain. */
  readonly path: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Name and version of the distribution. */
  readonly os: string;
}

/** Reads what a build can see of this machine; see docs/decisions/0080-a-machine-is-its-traits.md. */
export class TraitReader {
  readonly #files: FileDigests;

  constructor(private readonly places: TraitPlaces) {
    this.#files = new FileDigests(places.homes);
  }

  /** The traits with each of some tools. Files that did not change are not read again. */
  async read(tools: readonly InstalledTool[]): Promise<MachineTraits> {
    const { home, env } = this.places;
    const compilers = tools.filter(({ tool }) => tool === 'ghc');
    const cabals = tools.filter(({ tool }) => tool === 'cabal');
    if (cabals[0] !== undefined) await ensureCabalConfiguration(home, cabals[0].path, env);
    const files = this.#files;
    const [system, ghc, cabal] = await Promise.all([
      this.#system(),
      Promise.all(compilers.map(async (tool) => [tool.version, await compilerTraits(tool, { home, env, files })])),
      Promise.all(cabals.map(async ({ version, path }) => [version, { program: (await files.bytes(path)) ?? '' }])),
    ]);
    return {
      system,
      ghc: Object.fromEntries(ghc) as Record<string, TraitParts>,
      cabal: Object.fromEntries(cabal) as Record<string, TraitParts>,
    };
  }

  /** What a run with a toolchain sees, and its digest. */
  async seenBy({ ghc, cabal }: ResolvedToolchain): Promise<{ parts: TraitParts; digest: string }> {
    const traits = await this.read([ghc, cabal].filter((tool) => tool !== undefined));
    const parts = traitsSeen(traits, { ghc: ghc?.version, cabal: cabal?.version });
    return { parts, digest: traitsDigest(parts) };
  }

  async #system(): Promise<TraitParts> {
    const { root, home, path, os } = this.places;
    const packages = await systemPackages(root, this.#files);
    const [local, programs, configuration] = await Promise.all([
      localFiles(root, Object.keys(packages).length > 0, this.#files),
      buildPrograms(
        path.map((folder) => join(folder)),
        this.#files,
      ),
      cabalConfiguration(home, this.#files),
    ]);
    return { system: os, architecture: arch(), ...packages, ...local, ...programs, ...configuration };
  }
}
