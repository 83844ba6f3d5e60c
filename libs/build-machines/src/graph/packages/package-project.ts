import { componentsOf, type OutsideSource } from '@build-machines/haskell';
import { linksCommand } from '@build-machines/sources';
import type { ProjectConfiguration } from '@nx/devkit';
import { packageFilesets } from '../inputs/filesets.js';
import { NAMED_INPUTS } from '../inputs/named-inputs.js';
import { projectInputs } from '../inputs/project-inputs.js';
import { problemMetadata } from '../nx/problem-metadata.js';
import { projectInPath } from '../../outputs/output-paths.js';
import { effectiveNames, type PluginOptions } from '../plugin-options.js';
import type { NeededPackages } from './needed-packages.js';
import { atomizedName, packageTargets } from './package-targets.js';
import type { WorkspacePackage } from './workspace-packages.js';

/** What inference has found out about a package's files. */
export interface PackageAnalysis {
  /** What it reads outside of its folder. */
  readonly outside: readonly OutsideSource[];
  /** Its symbolic links, and those that they lead over. Relative to the workspace. */
  readonly links: readonly string[];
  /** Where symbolic links and executable files are to be looked for, which Nx does not hash; none where there are none. */
  readonly linkPlaces: readonly string[];
}

/** Names that a package's project depends on, and whose files it takes. */
export interface ProjectNaming {
  /** The name that we infer. */
  readonly name: string;
  /** The name that Nx will give it. */
  readonly nameForNx: string;
  readonly needed: NeededPackages;
}

/** The Nx project of a package. */
export function packageProject(
  { pkg, root, project }: WorkspacePackage,
  { outside, links, linkPlaces }: PackageAnalysis,
  options: PluginOptions,
  { name, nameForNx, needed }: ProjectNaming,
): ProjectConfiguration {
  const suites = componentsOf(pkg, 'test-suite').map((suite) => suite.name);
  const names = effectiveNames(options);
  const library = componentsOf(pkg, 'library')[0];
  return {
    name,
    root,
    sourceRoot: sourceRoot(root, library?.sourceDirs[0]),
    projectType: componentsOf(pkg, 'executable').length > 0 ? 'application' : 'library',
    namedInputs: {
      // Each command costs a process, so there is none where it would find nothing.
      [NAMED_INPUTS.package]: [
        ...packageFilesets(root, outside, links),
        ...(linkPlaces.length > 0 ? [{ runtime: linksCommand(linkPlaces) }] : []),
      ],
      [NAMED_INPUTS.project]: projectInputs(project, options),
    },
    // As an option, so that the hasher of the targets finds it: the traits of the machine depend on the compiler.
    targets: packageTargets(
      { pkg: { ...pkg, name: nameForNx }, project: projectInPath(nameForNx) },
      { ...options, ghc: options.ghc ?? project.ghc },
      needed,
    ),
    metadata: {
      technologies: ['haskell', 'cabal'],
      description: `Cabal package ${pkg.name} ${pkg.version}`,
      ...(options.atomizeTests && suites.length > 0
        ? { targetGroups: { [`${names.test} (per suite)`]: suites.map((suite) => atomizedName(names, suite)) } }
        : {}),
      ...problemMetadata(undefined, project.root),
    },
  };
}

function sourceRoot(root: string, sourceDir: string | undefined): string {
  if (sourceDir === undefined || sourceDir === '.') return root;
  return root === '.' ? sourceDir : `${root}/${sourceDir}`;
}
