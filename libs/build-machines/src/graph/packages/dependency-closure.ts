import type { DependencyScope } from '@build-machines/haskell';
import { packageDependencies, type WorkspacePackage } from './workspace-packages.js';
import type { WorkspaceProject } from './workspace-project.js';

/** Finds the packages that a package needs, however far, itself not included; sorted by root. */
export type DependencyClosure = (pkg: WorkspacePackage, scope: DependencyScope) => WorkspacePackage[];

/**
 * A finder of such closures among the packages of a workspace. What cabal takes to build a package is what the package's own
 * project lists under the names that it asks for, whatever other projects list a dependency. The scope is that of the package
 * that is asked for: of those that it needs, nobody builds tests or benchmarks, so only their production dependencies count.
 */
export function dependencyClosure(packages: readonly WorkspacePackage[]): DependencyClosure {
  const byRoot = new Map(packages.map((pkg) => [pkg.root, pkg]));
  const direct = new Map<WorkspaceProject, Map<WorkspacePackage, readonly WorkspacePackage[]>>();
  const found = (pkg: WorkspacePackage, scope: DependencyScope, within: WorkspaceProject): WorkspacePackage[] =>
    packageDependencies(pkg, scope, [within]).flatMap(({ root }) => byRoot.get(root) ?? []);
  const directOf = (pkg: WorkspacePackage, within: WorkspaceProject): readonly WorkspacePackage[] => {
    const known = direct.get(within) ?? new Map<WorkspacePackage, readonly WorkspacePackage[]>();
    direct.set(within, known);
    const own = known.get(pkg) ?? found(pkg, 'production', within);
    known.set(pkg, own);
    return own;
  };
  return (pkg, scope) => {
    const reached = new Set<WorkspacePackage>();
    const pending = [...(scope === 'production' ? directOf(pkg, pkg.project) : found(pkg, scope, pkg.project))];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next === pkg || reached.has(next)) continue;
      reached.add(next);
      pending.push(...directOf(next, pkg.project));
    }
    return [...reached].sort((a, b) => (a.root < b.root ? -1 : 1));
  };
}
