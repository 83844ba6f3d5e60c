import { componentsOf, type OutsideSource } from '@build-machines/haskell';
import type { ProjectConfiguration } from '@nx/devkit';
import { productionFilesets, wholeFilesets } from '../inputs/filesets.js';
import { type DependencyInputs, NAMED_INPUTS, takesWholeDependencies } from '../inputs/named-inputs.js';
import type { ProductionScope } from '../inputs/production-scope.js';
import { type UnhashedFacts, unhashedInputs } from '../inputs/unhashed-inputs.js';
import { projectInputs } from '../inputs/project-inputs.js';
import { projectInPath } from '../../outputs/output-paths.js';
import { effectiveNames, type PluginOptions } from '../plugin-options.js';
import { atomizedName, packageTargets } from './package-targets.js';
import type { WorkspacePackage } from './workspace-packages.js';

/** What inference has found out about a package's sources. */
export interface PackageAnalysis extends UnhashedFacts {
  readonly scope: ProductionScope;
  readonly reach: DependencyInputs['reach'];
  /** What it reads outside of its folder. */
  readonly outside: { readonly production: readonly OutsideSource[]; readonly whole: readonly OutsideSource[] };
  /** Filesets of all files of the packages that it needs, however far. */
  readonly dependencies: () => readonly string[];
}

/**
 * The Nx project of a package.
 * @param named whether nx.json defines the named input `haskell`, and the name that the project will have
 */
export function packageProject(
  { pkg, root, project }: WorkspacePackage,
  analysis: PackageAnalysis,
  options: PluginOptions,
  { namedInWorkspace, nameForNx }: { readonly namedInWorkspace: boolean; readonly nameForNx: string },
): ProjectConfiguration {
  const suites = componentsOf(pkg, 'test-suite').map((suite) => suite.name);
  const names = effectiveNames(options);
  const library = componentsOf(pkg, 'library')[0];
  const { outside } = analysis;
  const unhashed = unhashedInputs(root, analysis);
  const dependencies = { namedInWorkspace, reach: analysis.reach };
  const takesWhole = takesWholeDependencies(dependencies, 'build') || takesWholeDependencies(dependencies, 'tests');
  return {
    name: pkg.name,
    root,
    sourceRoot: sourceRoot(root, library?.sourceDirs[0]),
    projectType: componentsOf(pkg, 'executable').length > 0 ? 'application' : 'library',
    namedInputs: {
      [NAMED_INPUTS.production]: [...productionFilesets(pkg, root, analysis.scope, outside.production), ...unhashed],
      [NAMED_INPUTS.whole]: [...wholeFilesets(pkg, root, outside.whole), ...unhashed],
      [NAMED_INPUTS.project]: projectInputs(project, options),
      ...(takesWhole ? { [NAMED_INPUTS.dependencies]: [...analysis.dependencies()] } : {}),
    },
    // As an option, so that the hasher of the targets finds it: the traits of the machine depend on the compiler.
    targets: packageTargets(
      { pkg, project: projectInPath(nameForNx) },
      { ...options, ghc: options.ghc ?? project.ghc },
      dependencies,
    ),
    metadata: {
      technologies: ['haskell', 'cabal'],
      description: `Cabal package ${pkg.name} ${pkg.version}`,
      ...(options.atomizeTests && suites.length > 0
        ? { targetGroups: { [`${names.test} (per suite)`]: suites.map((suite) => atomizedName(names, suite)) } }
        : {}),
    },
  };
}

function sourceRoot(root: string, sourceDir: string | undefined): string {
  if (sourceDir === undefined || sourceDir === '.') return root;
  return root === '.' ? sourceDir : `${root}/${sourceDir}`;
}
