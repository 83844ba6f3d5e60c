import { sketchComponent } from '@build-machines/haskell';
import type { BuildMachinesError } from '@build-machines/protocol';
import type { ProjectConfiguration } from '@nx/devkit';
import { projectInPath } from '../../outputs/output-paths.js';
import { NAMED_INPUTS } from '../inputs/named-inputs.js';
import { projectInputs } from '../inputs/project-inputs.js';
import { problemMetadata } from '../nx/problem-metadata.js';
import type { PluginOptions } from '../plugin-options.js';
import { packageTargets } from './package-targets.js';
import type { ProjectNaming } from './package-project.js';
import type { WorkspacePackage } from './workspace-packages.js';

/**
 * The Nx project of a package that cannot be read: it keeps its name and its targets, all of which there are where its
 * components are not known. Its tasks read the files again and report what is wrong.
 * @param inputsOfWorkspace names of the inputs that nx.json defines
 */
export function brokenProject(
  { pkg, root, file, project }: WorkspacePackage,
  problem: BuildMachinesError | undefined,
  options: PluginOptions,
  { name, nameForNx, needed }: ProjectNaming,
  inputsOfWorkspace: readonly string[],
): ProjectConfiguration {
  const isKnown = pkg.components.length > 0;
  const described = isKnown ? pkg : { ...pkg, components: oneOfEachKind(pkg.name) };
  // Nx refuses {projectRoot} of a project that has no files, in every command that hashes one of its dependents.
  const hasFiles = root === '.' || file.startsWith(`${root}/`);
  const folder = [hasFiles ? '{projectRoot}/**/*' : `{workspaceRoot}/${root}/**/*`];
  const inputs = [...Object.values(NAMED_INPUTS), ...(hasFiles ? [] : ['default', ...inputsOfWorkspace])];
  return {
    name,
    root,
    sourceRoot: root,
    projectType: 'library',
    namedInputs: {
      // Its own targets and its dependents name them, and Nx refuses a name that is not there.
      ...Object.fromEntries(inputs.map((input) => [input, folder])),
      [NAMED_INPUTS.project]: projectInputs(project, options),
    },
    targets: packageTargets(
      { pkg: { ...described, name: nameForNx }, project: projectInPath(nameForNx) },
      { ...options, atomizeTests: options.atomizeTests && isKnown },
      needed,
    ),
    metadata: {
      technologies: ['haskell', 'cabal'],
      description: `Cabal package ${pkg.name}, which cannot be read`,
      ...problemMetadata(problem, project.root),
    },
  };
}

function oneOfEachKind(name: string): WorkspacePackage['pkg']['components'] {
  const kinds = ['library', 'executable', 'test-suite', 'benchmark'] as const;
  return kinds.map((kind) => sketchComponent(kind, name));
}
