import type { InputDefinition } from './input-definition.js';

/** The inferred named inputs of a Haskell package's project. */
export const NAMED_INPUTS = {
  /** Production sources. `^haskell` are those of its dependencies. */
  production: 'haskell',
  /** All files of the package. */
  whole: 'haskellPackage',
  /** What the whole cabal project and the toolchain contribute. */
  project: 'haskellProject',
  /** All files of the packages that it needs: what `^default` does not see of them, for targets that take that. */
  dependencies: 'haskellDependencies',
} as const;

/** Which inputs reach into dependencies. */
export interface DependencyInputs {
  /**
   * Whether nx.json defines the named input `haskell`. Nx refuses a `^` input that a dependency lacks, so without a
   * definition for projects that are no Haskell packages (as `nx g build-machines:init` writes it), `^default` is taken:
   * it takes all files of each dependency.
   */
  readonly namedInWorkspace: boolean;
  /**
   * Whether code that runs during a build, or in tests, names a parent folder: then it may read any file of the packages
   * that are sent along, its dependencies, and all of their files count.
   */
  readonly reach: { readonly build: boolean; readonly tests: boolean };
}

/** Inputs of targets that compile production components only. */
export function buildInputs(dependencies: DependencyInputs): InputDefinition[] {
  return [NAMED_INPUTS.production, NAMED_INPUTS.project, ...dependencyInputs(dependencies, 'build')];
}

/** Inputs of targets that run tests or benchmarks, which may read all of their package's files. */
export function testInputs(dependencies: DependencyInputs): InputDefinition[] {
  return [NAMED_INPUTS.whole, NAMED_INPUTS.project, ...dependencyInputs(dependencies, 'tests')];
}

/**
 * `^default` sees what Nx counts as a dependency's own: neither what lies outside of its folder (`hs-source-dirs:
 * ../common`) nor what another project inside of it owns.
 */
function dependencyInputs(dependencies: DependencyInputs, phase: 'build' | 'tests'): InputDefinition[] {
  return takesWholeDependencies(dependencies, phase)
    ? ['^default', NAMED_INPUTS.dependencies]
    : [`^${NAMED_INPUTS.production}`];
}

/** Whether all files of each dependency count. */
export function takesWholeDependencies(
  { namedInWorkspace, reach }: DependencyInputs,
  phase: 'build' | 'tests',
): boolean {
  return !namedInWorkspace || reach[phase];
}
