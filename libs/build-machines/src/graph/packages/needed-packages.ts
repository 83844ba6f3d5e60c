import type { DependencyScope } from '@build-machines/haskell';
import type { DependencyInputs } from '../inputs/named-inputs.js';
import type { DeclaredProject } from '../nx/declared-project.js';
import { packageDependencies, type WorkspacePackage } from './workspace-packages.js';
import type { WorkspaceProject } from './workspace-project.js';

/** Which dependencies count for targets that build a package, and for those that also build its tests or benchmarks. */
export interface NeededPackages {
  readonly build: DependencyInputs;
  readonly tests: DependencyInputs;
}

/**
 * Finds out for each package which others it takes to build it: what the tests and benchmarks of a dependency need is not
 * built with it.
 * @param isNamedInWorkspace whether nx.json defines the named input `haskell`. Nx refuses a `^` input that a dependency
 * lacks, so without it only Haskell packages can be asked for theirs.
 */
export class PackageNeeds {
  readonly #byRoot: ReadonlyMap<string, WorkspacePackage>;
  readonly #direct = new Map<string, WorkspacePackage[]>();

  constructor(
    packages: readonly WorkspacePackage[],
    readonly declared: ReadonlyMap<WorkspacePackage, DeclaredProject>,
    readonly isNamedInWorkspace: boolean,
  ) {
    this.#byRoot = new Map(packages.map((pkg) => [pkg.root, pkg]));
  }

  of(pkg: WorkspacePackage): NeededPackages {
    const inGraph = this.#closure(pkg, 'all', 'all');
    return {
      build: this.#inputs(pkg, this.#closure(pkg, 'production', 'production', [pkg.project]), inGraph),
      tests: this.#inputs(pkg, this.#closure(pkg, 'all', 'production', [pkg.project]), inGraph),
    };
  }

  #inputs(
    pkg: WorkspacePackage,
    needed: ReadonlySet<WorkspacePackage>,
    inGraph: ReadonlySet<WorkspacePackage>,
  ): DependencyInputs {
    if (this.isNamedInWorkspace && needed.size === inGraph.size) return { kind: 'all' };
    const projects = [...needed].flatMap((one) => this.declared.get(one)?.name ?? []).sort();
    const andDefault = [pkg, ...needed].some((one) => this.declared.get(one)?.hasImplicitDependencies === true);
    return { kind: 'named', projects, andDefault };
  }

  /**
   * @param within the projects whose packages count: what cabal takes is what the package's own project lists, whatever other
   * projects list a dependency. Default: all, as in Nx's graph.
   */
  #closure(
    pkg: WorkspacePackage,
    own: DependencyScope,
    others: DependencyScope,
    within?: readonly WorkspaceProject[],
  ): Set<WorkspacePackage> {
    const reached = new Set<WorkspacePackage>();
    const pending = [...this.#directOf(pkg, own, within)];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next === pkg || reached.has(next)) continue;
      reached.add(next);
      pending.push(...this.#directOf(next, others, within));
    }
    return reached;
  }

  #directOf(pkg: WorkspacePackage, scope: DependencyScope, within?: readonly WorkspaceProject[]): WorkspacePackage[] {
    const key = `${scope} ${pkg.root} ${within?.map(({ root }) => root).join(' ') ?? '*'}`;
    const known = this.#direct.get(key);
    if (known !== undefined) return known;
    const direct = packageDependencies(pkg, scope, within).flatMap(({ root }) => this.#byRoot.get(root) ?? []);
    this.#direct.set(key, direct);
    return direct;
  }
}
