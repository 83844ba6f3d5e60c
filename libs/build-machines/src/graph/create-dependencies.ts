import { diskFiles } from '@build-machines/haskell';
import {
  type CreateDependencies,
  type CreateDependenciesContext,
  DependencyType,
  type RawProjectGraphDependency,
  validateDependency,
} from '@nx/devkit';
import { dirname } from 'node:path';
import { outsideHidden } from './create-nodes.js';
import { isDisabled } from './kill-switch.js';
import { AnalysisCache } from './nx/analysis-cache.js';
import { packageDependencies, readWorkspacePackages } from './packages/workspace-packages.js';

/**
 * Infers which packages of the workspace need which others: through build-depends, build-tool-depends, setup-depends and
 * mixins, in whatever branch of a conditional they stand.
 *
 * Each is an implicit dependency in Nx's sense, one without a source file. Nx keeps the dependencies of a file until that
 * file changes, but these come from several: the packages' descriptions, what those include, and the project files.
 */
export const createDependencies: CreateDependencies<unknown> = (_options, context) => {
  if (isDisabled(process.env)) return [];
  return inferDependencies(context, process.env);
};

/** {@link createDependencies} with explicit environment. */
export function inferDependencies(
  context: CreateDependenciesContext,
  env: Readonly<Record<string, string | undefined>>,
): RawProjectGraphDependency[] {
  const cache = AnalysisCache.open(context.workspaceRoot, env);
  // A project.json may give a package's project another name than the package's.
  const nameByRoot = new Map(Object.entries(context.projects).map(([name, { root }]) => [root, name]));
  const { packages } = readWorkspacePackages(
    context.workspaceRoot,
    outsideHidden(configFilesOf(context)).filter((file) => !isPackage(file) || nameByRoot.has(dirname(file))),
    diskFiles(),
    cache,
  );
  const dependencies: RawProjectGraphDependency[] = [];
  for (const pkg of packages) {
    const source = nameByRoot.get(pkg.root);
    if (source === undefined) continue;
    for (const { root } of packageDependencies(pkg)) {
      const target = nameByRoot.get(root);
      if (target === undefined || target === source) continue;
      const dependency: RawProjectGraphDependency = {
        type: DependencyType.implicit,
        source,
        target,
      };
      validateDependency(dependency, context);
      dependencies.push(dependency);
    }
  }
  return dependencies;
}

function isPackage(file: string): boolean {
  return /(\.cabal|(^|\/)package\.yaml)$/.test(file);
}

function configFilesOf({ fileMap }: CreateDependenciesContext): string[] {
  const files = [...Object.values(fileMap.projectFileMap).flat(), ...fileMap.nonProjectFiles];
  return files
    .map(({ file }) => file)
    .filter((file) => /(^|\/)([^/]+\.cabal|package\.yaml|cabal\.project|stack\.yaml)$/.test(file));
}
