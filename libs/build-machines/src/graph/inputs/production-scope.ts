import type { CabalPackage } from '@build-machines/haskell';
import { isProduction } from '@build-machines/haskell';
import { OPEN_OPTION, RUNS_CODE } from './open-options.js';
import type { ExclusionCandidate } from './exclusion-candidates.js';
import type { SourceFacts } from './source-facts.js';

/** Which files of a package's folder count for its production build. */
export type ProductionScope =
  /** All of them; `because` says why nothing could be left out. */
  | { readonly kind: 'everything'; readonly because: string }
  /** All but these paths, relative to the package's folder. */
  | { readonly kind: 'all-but'; readonly excluded: readonly string[] };

/** What is known of a package's production sources. */
export interface AnalysedSources {
  readonly facts: SourceFacts;
  readonly candidates: readonly ExclusionCandidate[];
  /** Those candidates that the sources mention. */
  readonly mentioned: readonly string[];
  /** Those candidates that a line of the C preprocessor mentions. */
  readonly included: readonly string[];
  /** Whether sources of tests or benchmarks name a parent folder. */
  readonly testsNameParentFolder: boolean;
}

/**
 * Decides what counts for a package's production build. The rule, with its reasons, is docs/decisions/0010-exact-inputs.md:
 * a file is left out only where nothing that the build runs can read it.
 * @param options what the cabal project adds to the compiler's options
 * @param dependenciesDoFileIo whether a workspace package that it needs could read files on behalf of its splices
 */
export function productionScope(
  pkg: CabalPackage,
  sources: AnalysedSources,
  options: readonly string[],
  dependenciesDoFileIo: boolean,
): ProductionScope {
  const reason = whyEverything(pkg, sources.facts, options, dependenciesDoFileIo);
  if (reason !== null) return { kind: 'everything', because: reason };
  const kept = new Set(runsCode(pkg, sources.facts, options) ? sources.mentioned : sources.included);
  return {
    kind: 'all-but',
    excluded: sources.candidates.map((candidate) => candidate.path).filter((path) => !kept.has(path)),
  };
}

/** Whether code of a package's production components may run at compile time. */
export function runsCode(pkg: CabalPackage, facts: SourceFacts, options: readonly string[]): boolean {
  const words = [...productionExtensions(pkg), ...productionOptions(pkg), ...options];
  return facts.runsAtCompileTime || words.some((word) => RUNS_CODE.test(word));
}

function whyEverything(
  pkg: CabalPackage,
  facts: SourceFacts,
  options: readonly string[],
  dependenciesDoFileIo: boolean,
): string | null {
  if (pkg.buildType !== 'Simple') return `build-type ${pkg.buildType} runs code of the package's own`;
  if (facts.reachesOut) return 'a preprocessor, plugin or include reaches for undeclared files';
  const option = [...productionOptions(pkg), ...options].find((word) => OPEN_OPTION.test(word));
  if (option !== undefined) return `the option ${option} lets the compiler read undeclared files`;
  if (!runsCode(pkg, facts, options)) return null;
  if (facts.readsUnnamedFiles) return 'compile-time code may read files whose names do not stand in the sources';
  if (dependenciesDoFileIo) return 'compile-time code may read files through a package of the workspace';
  return null;
}

function productionOptions(pkg: CabalPackage): string[] {
  return pkg.components.filter(isProduction).flatMap((component) => component.options);
}

function productionExtensions(pkg: CabalPackage): string[] {
  return pkg.components.filter(isProduction).flatMap((component) => component.extensions);
}
