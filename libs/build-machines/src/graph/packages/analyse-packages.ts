import { analyseSources } from '../inputs/analyse-sources.js';
import { type AnalysedSources, productionScope, runsCode } from '../inputs/production-scope.js';
import type { AnalysisCache } from '../nx/analysis-cache.js';
import type { PackageAnalysis } from './package-project.js';
import { packageDependencies, type WorkspacePackage } from './workspace-packages.js';

/**
 * Finds out, for each package, which of its files count for its production build.
 * @param exact false: all files of every package
 */
export function analysePackages(
  packages: readonly WorkspacePackage[],
  cache: AnalysisCache,
  exact: boolean,
): Map<WorkspacePackage, PackageAnalysis> {
  if (!exact) {
    const scope = { kind: 'everything', because: 'the plugin option exactInputs is false' } as const;
    return new Map(packages.map((pkg) => [pkg, { scope, reach: { build: true, tests: true } }]));
  }
  const nested = nestedFolders(packages);
  const sources = new Map(
    packages.map((pkg) => [pkg, analyseSources(pkg.pkg, nested.get(pkg) ?? new Set(), cache)] as const),
  );
  const doesFileIo = transitiveFileIo(packages, sources);
  return new Map(
    [...sources].map(([pkg, analysed]) => [
      pkg,
      {
        scope: productionScope(pkg.pkg, analysed, doesFileIo(pkg)),
        reach: {
          build: analysed.facts.namesParentFolder && runsCode(pkg.pkg, analysed.facts),
          tests: analysed.facts.namesParentFolder || analysed.testsNameParentFolder,
        },
      },
    ]),
  );
}

/** For each package, the folders of packages that lie inside its own. */
function nestedFolders(packages: readonly WorkspacePackage[]): Map<WorkspacePackage, Set<string>> {
  const nested = new Map<WorkspacePackage, Set<string>>();
  const enclosing: WorkspacePackage[] = [];
  for (const pkg of [...packages].sort((a, b) => (`${a.pkg.dir}/` < `${b.pkg.dir}/` ? -1 : 1))) {
    while (enclosing.length > 0 && !`${pkg.pkg.dir}/`.startsWith(`${enclosing.at(-1)?.pkg.dir ?? ''}/`))
      enclosing.pop();
    for (const outer of enclosing) nested.set(outer, (nested.get(outer) ?? new Set()).add(pkg.pkg.dir));
    enclosing.push(pkg);
  }
  return nested;
}

/** Whether any package that one needs, transitively, does file I/O. Computed once a package; cycles end. */
function transitiveFileIo(
  packages: readonly WorkspacePackage[],
  sources: ReadonlyMap<WorkspacePackage, AnalysedSources>,
): (pkg: WorkspacePackage) => boolean {
  const byRoot = new Map(packages.map((pkg) => [pkg.root, pkg]));
  const dependents = new Map<WorkspacePackage, WorkspacePackage[]>();
  for (const pkg of packages) {
    for (const { root } of packageDependencies(pkg)) {
      const dependency = byRoot.get(root);
      if (dependency !== undefined) dependents.set(dependency, [...(dependents.get(dependency) ?? []), pkg]);
    }
  }
  const affected = new Set<WorkspacePackage>();
  const pending = packages.filter((pkg) => sources.get(pkg)?.facts.doesFileIo === true);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const dependent of dependents.get(next) ?? []) {
      if (affected.has(dependent)) continue;
      affected.add(dependent);
      pending.push(dependent);
    }
  }
  return (pkg) => affected.has(pkg);
}
