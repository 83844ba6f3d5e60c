import { basename, dirname } from 'node:path';
import type { InstalledTool, ResolvedToolchain, ToolchainRequest, ToolName } from '@build-machines/protocol';
import { findCandidates, type Candidate } from './candidates.js';
import { compareVersions } from './compare-versions.js';
import type { ProbeVersion } from './probe-version.js';
import { ToolchainMissingError } from './toolchain-errors.js';

export interface ToolchainsOptions {
  /** The machine's name, for messages. */
  readonly machine: string;
  readonly explicit: readonly Candidate[];
  readonly homes: readonly string[];
  readonly opt: string;
  readonly path: readonly string[];
  readonly probe: ProbeVersion;
}

/** The tools of a machine, as found by {@link Toolchains.discover}. */
export class Toolchains {
  #installed: readonly InstalledTool[] = [];

  constructor(private readonly options: ToolchainsOptions) {}

  /** One entry per tool and version, newest first. */
  get installed(): readonly InstalledTool[] {
    return this.#installed;
  }

  /** Looks for tools again. @returns whether the set changed. */
  async discover(): Promise<boolean> {
    const candidates = findCandidates(this.options);
    const found = await Promise.all(
      candidates.map(async ({ tool, path }) => ({ tool, path, version: await this.options.probe(path) })),
    );
    const first = new Map<string, InstalledTool>();
    for (const { tool, path, version } of found)
      if (version !== undefined && !first.has(`${tool} ${version}`))
        first.set(`${tool} ${version}`, { tool, version, path });
    const installed = [...first.values()].sort(
      (a, b) => a.tool.localeCompare(b.tool) || compareVersions(b.version, a.version),
    );
    const changed = JSON.stringify(installed) !== JSON.stringify(this.#installed);
    this.#installed = installed;
    return changed;
  }

  /**
   * The exact tools for a request. Where it names none: what PATH finds (GHCup's `set`, the distribution's default), else
   * the newest.
   * @throws ToolchainMissingError when a version is asked for that is not there, also after looking again.
   */
  async resolve(request: ToolchainRequest): Promise<ResolvedToolchain> {
    const ghc = await this.#pick('ghc', request.ghc);
    const cabal = await this.#pick('cabal', request.cabal);
    return { ...(ghc && { ghc }), ...(cabal && { cabal }) };
  }

  async #pick(tool: ToolName, version: string | undefined): Promise<InstalledTool | undefined> {
    const find = (): InstalledTool | undefined =>
      this.#installed.find((found) => found.tool === tool && (version === undefined || found.version === version));
    if (version === undefined) return (await this.#onPath(tool)) ?? find();
    const known = find();
    if (known !== undefined) return known;
    await this.discover();
    const found = find();
    if (found === undefined) throw new ToolchainMissingError(this.options.machine, tool, version, this.#installed);
    return found;
  }

  /** What a shell would start under the plain name, as the entry that was found first for its version. */
  async #onPath(tool: ToolName): Promise<InstalledTool | undefined> {
    for (const folder of this.options.path) {
      const plain = findCandidates({ explicit: [], homes: [], opt: '', path: [folder] }).find(
        ({ path }) => basename(path) === tool && dirname(path) === folder,
      );
      const version = plain === undefined ? undefined : await this.options.probe(plain.path);
      const known = this.#installed.find((found) => found.tool === tool && found.version === version);
      if (known !== undefined) return known;
    }
    return undefined;
  }
}
