import { entriesBelow, holdsExecutables, linksIn, type OutsideSource, outsideSources } from '@build-machines/haskell';
import type { BuildMachinesError } from '@build-machines/protocol';
import { fileProblem } from '../graph-errors.js';
import { analyseSources } from '../inputs/analyse-sources.js';
import { wholeFilesets } from '../inputs/filesets.js';
import { type AnalysedSources, type ProductionScope, productionScope, runsCode } from '../inputs/production-scope.js';
import type { AnalysisCache } from '../nx/analysis-cache.js';
import type { PackageAnalysis } from './package-project.js';
import { packageDependencies, type WorkspacePackage } from './workspace-packages.js';

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
    const entries = entriesBelow(pkg.pkg.dir, nested.get(pkg));
    const links = linksIn(entries);
    const outside = {
      production: outsideSources(pkg.pkg, workspaceRoot, 'production', links),
      whole: outsideSources(pkg.pkg, workspaceRoot, 'all', links),
    };
    return { outside, hasLinks: links.length > 0, hasExecutables: holdsExecutables(entries) };
  };
  const around = readEach(packages, surroundings, problems);
  const dependenciesOf = wholeDependencies(packages, (pkg) => around.get(pkg)?.outside.whole ?? []);
  const sources = exact
    ? readEach([...around.keys()], (pkg) => analyseSources(pkg.pkg, nested.get(pkg) ?? new Set(), cache), problems)
    : undefined;
  const doesFileIo = whoNeed(packages, (pkg) => sources?.get(pkg)?.facts.doesFileIo !== false);
  const reaching = sources === undefined ? undefined : reachOfPackages(packages, around, sources);
  const readable = [...around].filter(([pkg]) => sources?.has(pkg) !== false);
  const analyses = new Map(
    readable.map(([pkg, { outside, hasLinks, hasExecutables }]) => {
      const dependencies = (): string[] => dependenciesOf(pkg);
      const analysed = sources?.get(pkg);
      if (analysed === undefined || reaching === undefined) {
        const scope = { kind: 'everything', because: 'the plugin option exactInputs is false' } as const;
        return [pkg, { scope, reach: { build: true, tests: true }, outside, hasLinks, hasExecutables, dependencies }];
      }
      const options = projectOptions(pkg);
      const scope: ProductionScope = readsUnseen({ outside, hasLinks })
        ? { kind: 'everything', because: 'sources outside of its folder, or behind links, may name any of its files' }
        : productionScope(pkg.pkg, analysed, options, doesFileIo(pkg));
      const reach = { build: reaching.build(pkg), tests: reaching.tests(pkg) };
      return [pkg, { scope, reach, outside, hasLinks, hasExecutables, dependencies }];
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

type Surroundings = Pick<PackageAnalysis, 'outside' | 'hasLinks'>;

/** Whether a package has sources that are not read here. */
function readsUnseen({ outside, hasLinks }: Surroundings): boolean {
  return hasLinks || outside.production.some(({ path }) => !LICENSE.test(path));
}

/**
 * Whether a build, or the tests, of a package may read any file of the packages that it needs: its own code does, or code of
 * one that it needs, in that one's build or on behalf of its own splices and tests.
 */
function reachOfPackages(
  packages: readonly WorkspacePackage[],
  around: ReadonlyMap<WorkspacePackage, Surroundings>,
  sources: ReadonlyMap<WorkspacePackage, AnalysedSources>,
): { build: (pkg: WorkspacePackage) => boolean; tests: (pkg: WorkspacePackage) => boolean } {
  const factsOf = (pkg: WorkspacePackage) => sources.get(pkg)?.facts;
  const needsHelper = whoNeed(packages, (pkg) => {
    const facts = factsOf(pkg);
    return facts !== undefined && (facts.findsDataFolder || (facts.doesFileIo && facts.namesParentFolder));
  });
  const itself = (pkg: WorkspacePackage): boolean => {
    const facts = factsOf(pkg);
    const surroundings = around.get(pkg);
    if (facts === undefined || surroundings === undefined) return false;
    const runs = runsCode(pkg.pkg, facts, projectOptions(pkg));
    return (facts.namesParentFolder && (runs || readsUnseen(surroundings))) || (runs && needsHelper(pkg));
  };
  const needsReaching = whoNeed(packages, itself);
  const build = (pkg: WorkspacePackage): boolean => itself(pkg) || needsReaching(pkg);
  const tests = (pkg: WorkspacePackage): boolean =>
    build(pkg) ||
    needsHelper(pkg) ||
    factsOf(pkg)?.namesParentFolder === true ||
    sources.get(pkg)?.testsNameParentFolder === true;
  return { build, tests };
}

/** Whether a package needs, however far, one of which something holds. Computed once a package; cycles end. */
function whoNeed(
  packages: readonly WorkspacePackage[],
  holds: (pkg: WorkspacePackage) => boolean,
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
  const pending = packages.filter(holds);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const dependent of dependents.get(next) ?? []) {
      if (affected.has(dependent)) continue;
      affected.add(dependent);
      pending.push(dependent);
    }
  }
  return (pkg) => affected.has(pkg);
}

/** Words that the cabal project adds to the compiler options of a package; folders that it adds stand as `-I` options. */
function projectOptions({ pkg, project }: WorkspacePackage): string[] {
  return project.settings
    .filter((settings) => settings.package === null || settings.package === pkg.name)
    .flatMap(({ options, folders }) => [...options, ...folders.map((folder) => `-I${folder}`)]);
}
