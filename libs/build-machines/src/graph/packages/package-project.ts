import { componentsOf } from '@build-machines/haskell';
import type { ProjectConfiguration } from '@nx/devkit';
import { productionFilesets, wholeFilesets } from '../inputs/filesets.js';
import { type DependencyInputs, NAMED_INPUTS } from '../inputs/named-inputs.js';
import type { ProductionScope } from '../inputs/production-scope.js';
import { projectInputs } from '../inputs/project-inputs.js';
import { effectiveNames, type PluginOptions } from '../plugin-options.js';
import { atomizedName, packageTargets } from './package-targets.js';
import type { WorkspacePackage } from './workspace-packages.js';

/** What inference has found out about a package's sources. */
export interface PackageAnalysis {
  readonly scope: ProductionScope;
  readonly reach: DependencyInputs['reach'];
}

/**
 * The Nx project of a package.
 * @param namedInWorkspace whether nx.json defines the named input `haskell`
 */
export function packageProject(
  { pkg, root, project }: WorkspacePackage,
  analysis: PackageAnalysis,
  options: PluginOptions,
  namedInWorkspace: boolean,
): ProjectConfiguration {
  const suites = componentsOf(pkg, 'test-suite').map((suite) => suite.name);
  const names = effectiveNames(options);
  const library = componentsOf(pkg, 'library')[0];
  return {
    name: pkg.name,
    root,
    sourceRoot: sourceRoot(root, library?.sourceDirs[0]),
    projectType: componentsOf(pkg, 'executable').length > 0 ? 'application' : 'library',
    namedInputs: {
      [NAMED_INPUTS.production]: productionFilesets(pkg, root, analysis.scope),
      [NAMED_INPUTS.whole]: wholeFilesets(pkg, root),
      [NAMED_INPUTS.project]: projectInputs(project, options),
    },
    targets: packageTargets(pkg, options, { namedInWorkspace, reach: analysis.reach }),
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
