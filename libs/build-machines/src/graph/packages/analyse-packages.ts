import { linksIn, type OutsideSource, outsideSources } from '@build-machines/haskell';
import type { BuildMachinesError } from '@build-machines/protocol';
import { fileProblem } from '../graph-errors.js';
import { analyseSources } from '../inputs/analyse-sources.js';
import { wholeFilesets } from '../inputs/filesets.js';
import { type AnalysedSources, type ProductionScope, productionScope, runsCode } from '../inputs/production-scope.js';
import type { AnalysisCache } from '../nx/analysis-cache.js';
import type { PackageAnalysis } from './package-project.js';
import { packageDependencies, projectOptions, type WorkspacePackage } from './workspace-packages.js';

/** What is known of the packages, and what is wrong with the files of others, by the file that describes the package. */
export interface PackageAnalyses {
  readonly analyses: ReadonlyMap<WorkspacePackage, PackageAnalysis>;
  readonly problems: readonly [file: string, error: BuildMachinesError][];
}

/**
 * Finds out, for each package, which of its files count for its production build.
 * @param exact false: all files of every package count
 */
export function analysePackages(
  packages: readonly WorkspacePackage[],
  cache: AnalysisCache,
  { exact, workspaceRoot }: { exact: boolean; workspaceRoot: string },
): PackageAnalyses {
  const problems: [string, BuildMachinesError][] = [];
  const nested = nestedFolders(packages);
  const surroundings = (pkg: WorkspacePackage) => {
    const links = linksIn(pkg.pkg.dir, nested.get(pkg));
    const outside = {
      production: outsideSources(pkg.pkg, workspaceRoot, 'production', links),
      whole: outsideSources(pkg.pkg, workspaceRoot, 'all', links),
    };
    return { outside, hasLinks: links.length > 0 };
  };
  const around = readEach(packages, surroundings, problems);
  const dependenciesOf = wholeDependencies(packages, (pkg) => around.get(pkg)?.outside.whole ?? []);
  const sources = exact
    ? readEach([...around.keys()], (pkg) => analyseSources(pkg.pkg, nested.get(pkg) ?? new Set(), cache), problems)
    : undefined;
  const doesFileIo = sources === undefined ? () => true : transitiveFileIo(packages, sources);
  const readable = [...around].filter(([pkg]) => sources?.has(pkg) !== false);
  const analyses = new Map(
    readable.map(([pkg, { outside, hasLinks }]) => {
      const dependencies = (): string[] => dependenciesOf(pkg);
      const analysed = sources?.get(pkg);
      if (analysed === undefined) {
        const scope = { kind: 'everything', because: 'the plugin option exactInputs is false' } as const;
        return [pkg, { scope, reach: { build: true, tests: true }, outside, hasLinks, dependencies }];
      }
      const options = projectOptions(pkg);
      const unseen = hasLinks || outside.production.some(({ path }) => !LICENSE.test(path));
      const scope: ProductionScope = unseen
        ? { kind: 'everything', because: 'sources outside of its folder, or behind links, may name any of its files' }
        : productionScope(pkg.pkg, analysed, options, doesFileIo(pkg));
      const { namesParentFolder } = analysed.facts;
      const reach = {
        build: namesParentFolder && (unseen || runsCode(pkg.pkg, analysed.facts, options)),
        tests: namesParentFolder || analysed.testsNameParentFolder,
      };
      return [pkg, { scope, reach, outside, hasLinks, dependencies }];
    }),
  );
  return { analyses, problems };
}

/** What `read` says of each package; a package whose files cannot be read is a problem, not the end. */
function readEach<T>(
  packages: readonly WorkspacePackage[],
  read: (pkg: WorkspacePackage) => T,
  problems: [string, BuildMachinesError][],
): Map<WorkspacePackage, T> {
  const known = new Map<WorkspacePackage, T>();
  for (const pkg of packages) {
    try {
      known.set(pkg, read(pkg));
    } catch (error) {
      problems.push([pkg.file, fileProblem(pkg.file, error)]);
    }
  }
  return known;
}

/** Files outside of a package that no code reads. */
const LICENSE = /(^|\/)(licen[cs]e|copying|notice)[^/]*$/i;

/** For each package, the filesets of all packages that it needs, however far. */
function wholeDependencies(
  packages: readonly WorkspacePackage[],
  outsideOf: (pkg: WorkspacePackage) => readonly OutsideSource[],
): (pkg: WorkspacePackage) => string[] {
  const byRoot = new Map(packages.map((pkg) => [pkg.root, pkg]));
  return (pkg) => {
    const reached = new Set<WorkspacePackage>();
    const pending = [pkg];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const { root } of packageDependencies(next)) {
        const dependency = byRoot.get(root);
        if (dependency === undefined || dependency === pkg || reached.has(dependency)) continue;
        reached.add(dependency);
        pending.push(dependency);
      }
    }
    return [...reached].flatMap((one) => wholeFilesets(one.pkg, one.root, outsideOf(one))).sort();
  };
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
