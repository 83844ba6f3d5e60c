import type { InputDefinition } from './input-definition.js';

/** The inferred named inputs of a Haskell package's project. */
export const NAMED_INPUTS = {
  /** All files of the package. `^haskell` are those of its dependencies. */
  package: 'haskell',
  /** What the whole cabal project and the toolchain contribute. */
  project: 'haskellProject',
} as const;

/** The dependencies whose files count. */
export type DependencyInputs =
  /** All that Nx's graph has. */
  | { readonly kind: 'all' }
  /**
   * These projects only. Nx's graph also has what only tests of dependencies need, which a build of them does not read.
   * `andDefault`: there are `implicitDependencies`, which may be of any kind, so the usual files of all count, too.
   */
  | { readonly kind: 'named'; readonly projects: readonly string[]; readonly andDefault: boolean };

/** Inputs of a target that builds a package. */
export function packageInputs(dependencies: DependencyInputs): InputDefinition[] {
  return [NAMED_INPUTS.package, NAMED_INPUTS.project, ...dependencyInputs(dependencies)];
}

function dependencyInputs(dependencies: DependencyInputs): InputDefinition[] {
  if (dependencies.kind === 'all') return [`^${NAMED_INPUTS.package}`];
  const { projects, andDefault } = dependencies;
  return [
    ...(projects.length > 0 ? [{ input: NAMED_INPUTS.package, projects: [...projects] }] : []),
    ...(andDefault ? ['^default'] : []),
  ];
}
