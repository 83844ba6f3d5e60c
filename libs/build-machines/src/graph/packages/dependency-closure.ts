import type { DependencyScope } from '@build-machines/haskell';
import { packageDependencies, type WorkspacePackage } from './workspace-packages.js';

/** Finds the packages that a package needs, however far, itself not included; sorted by root. */
export type DependencyClosure = (pkg: WorkspacePackage, scope: DependencyScope) => WorkspacePackage[];

/**
 * What cabal takes to build a package is what the package's own project lists under the names that it asks for, whatever
 * other projects list a dependency. A finder of such closures among the packages of a workspace. The scope is that of the package that is asked for: of those that
 * it needs, nobody builds tests or benchmarks, so only their production dependencies count.
 */
export function dependencyClosure(packages: readonly WorkspacePackage[]): DependencyClosure {
  const byRoot = new Map(packages.map((pkg) => [pkg.root, pkg]));
  return (pkg, scope) => {
    const reached = new Set<WorkspacePackage>();
    const within = [pkg.project];
    const pending = packageDependencies(pkg, scope, within);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const dependency = byRoot.get(next.root);
      if (dependency === undefined || dependency === pkg || reached.has(dependency)) continue;
      reached.add(dependency);
      pending.push(...packageDependencies(dependency, 'production', within));
    }
    return [...reached].sort((a, b) => (a.root < b.root ? -1 : 1));
  };
}
