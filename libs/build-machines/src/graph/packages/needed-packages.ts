import type { DependencyScope } from '@build-machines/haskell';
import type { DependencyInputs } from '../inputs/named-inputs.js';
import type { DeclaredProject } from '../nx/declared-project.js';
import { packageDependencies, type WorkspacePackage } from './workspace-packages.js';

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
      build: this.#inputs(pkg, this.#closure(pkg, 'production', 'production'), inGraph),
      tests: this.#inputs(pkg, this.#closure(pkg, 'all', 'production'), inGraph),
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

  #closure(pkg: WorkspacePackage, own: DependencyScope, others: DependencyScope): Set<WorkspacePackage> {
    const reached = new Set<WorkspacePackage>();
    const pending = [...this.#directOf(pkg, own)];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next === pkg || reached.has(next)) continue;
      reached.add(next);
      pending.push(...this.#directOf(next, others));
    }
    return reached;
  }

  #directOf(pkg: WorkspacePackage, scope: DependencyScope): WorkspacePackage[] {
    const key = `${scope} ${pkg.root}`;
    const known = this.#direct.get(key);
    if (known !== undefined) return known;
    const direct = packageDependencies(pkg, scope).flatMap(({ root }) => this.#byRoot.get(root) ?? []);
    this.#direct.set(key, direct);
    return direct;
  }
}
