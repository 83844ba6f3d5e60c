import type { DependencyInputs } from '../inputs/named-inputs.js';
import { dependencyClosure, type DependencyClosure } from './dependency-closure.js';
import { packageDependencies, type WorkspacePackage } from './workspace-packages.js';

/** What the names and files of a workspace say of its projects. */
export interface ProjectFacts {
  /** The name that Nx gives the project of a package. */
  readonly nameOf: (pkg: WorkspacePackage) => string;
  /** Whether a user has given it dependencies that no package description has. */
  readonly hasImplicitDependencies: (pkg: WorkspacePackage) => boolean;
  /**
   * Whether nx.json defines the named input `haskell`. Nx refuses a `^` input that a dependency lacks, so without it only
   * Haskell packages can be asked for theirs.
   */
  readonly isNamedInWorkspace: boolean;
}

/** Which dependencies count for targets that build a package, and for those that also build its tests or benchmarks. */
export interface NeededPackages {
  readonly build: DependencyInputs;
  readonly tests: DependencyInputs;
}

/**
 * Finds out for each package which others it takes to build it: what the tests and benchmarks of a dependency need is not
 * built with it.
 */
export class PackageNeeds {
  readonly #closureOf: DependencyClosure;
  readonly #byRoot: ReadonlyMap<string, WorkspacePackage>;
  readonly #direct = new Map<WorkspacePackage, readonly WorkspacePackage[]>();

  constructor(
    packages: readonly WorkspacePackage[],
    readonly facts: ProjectFacts,
  ) {
    this.#closureOf = dependencyClosure(packages);
    this.#byRoot = new Map(packages.map((pkg) => [pkg.root, pkg]));
  }

  of(pkg: WorkspacePackage): NeededPackages {
    const inGraph = this.facts.isNamedInWorkspace ? this.#inGraph(pkg).size : undefined;
    return {
      build: this.#inputs(pkg, this.#closureOf(pkg, 'production'), inGraph),
      tests: this.#inputs(pkg, this.#closureOf(pkg, 'all'), inGraph),
    };
  }

  /** @param inGraph how many Nx's graph leads to; undefined: all of them cannot be asked for. */
  #inputs(pkg: WorkspacePackage, needed: readonly WorkspacePackage[], inGraph: number | undefined): DependencyInputs {
    const { nameOf, hasImplicitDependencies } = this.facts;
    if (needed.length === inGraph) return { kind: 'all' };
    return {
      kind: 'named',
      projects: needed.map(nameOf).sort(),
      andDefault: [pkg, ...needed].some(hasImplicitDependencies),
    };
  }

  /** All that Nx's graph leads to. */
  #inGraph(pkg: WorkspacePackage): Set<WorkspacePackage> {
    const reached = new Set<WorkspacePackage>();
    const pending = [...this.#directOf(pkg)];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next === pkg || reached.has(next)) continue;
      reached.add(next);
      pending.push(...this.#directOf(next));
    }
    return reached;
  }

  #directOf(pkg: WorkspacePackage): readonly WorkspacePackage[] {
    const known = this.#direct.get(pkg);
    if (known !== undefined) return known;
    const direct = packageDependencies(pkg).flatMap(({ root }) => this.#byRoot.get(root) ?? []);
    this.#direct.set(pkg, direct);
    return direct;
  }
}
