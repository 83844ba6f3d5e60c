import { componentsOf, type LocatedPackage } from '@build-machines/haskell';
import type { TargetConfiguration } from '@nx/devkit';
import { artifactFolder, documentationFolder, type ProjectInPath, runFolder } from '../../outputs/output-paths.js';
import { packageInputs } from '../inputs/named-inputs.js';
import type { PluginOptions, TargetNames } from '../plugin-options.js';
import { effectiveNames } from '../plugin-options.js';
import type { NeededPackages } from './needed-packages.js';

/** The targets of one package, by name. */
export type Targets = Record<string, TargetConfiguration>;

const TECHNOLOGIES = ['haskell', 'cabal'];

/**
 * The targets of a package, according to the kinds of component that it has.
 * @param pkg the package
 * @param project its project in the paths of outputs
 * @param options the plugin's options
 * @param needed which dependencies count as inputs
 */
export function packageTargets(
  { pkg, project }: { readonly pkg: LocatedPackage; readonly project: ProjectInPath },
  options: PluginOptions,
  needed: NeededPackages,
): Targets {
  const names = effectiveNames(options);
  const context: Context = { pkg, project, options, names, needed };
  return {
    [names.build]: buildTarget(context),
    [names.fetch]: fetchTarget(context),
    [names.ghci]: interactiveTarget(context, 'remote-ghci', 'Opens GHCi on a build machine with the package loaded.'),
    [names.watch]: watchTarget(context),
    ...(componentsOf(pkg, 'executable').length > 0 ? { [names.run]: runTarget(context) } : {}),
    ...(componentsOf(pkg, 'test-suite').length > 0 ? testTargets(context) : {}),
    ...(componentsOf(pkg, 'benchmark').length > 0 ? { [names.bench]: benchTarget(context) } : {}),
    ...(componentsOf(pkg, 'library').length > 0 ? { [names.haddock]: haddockTarget(context) } : {}),
  };
}

interface Context {
  readonly pkg: LocatedPackage;
  readonly project: ProjectInPath;
  readonly options: PluginOptions;
  readonly names: TargetNames;
  readonly needed: NeededPackages;
}

function buildTarget({ pkg, project, options, names, needed }: Context): TargetConfiguration {
  return {
    executor: 'build-machines:remote-build',
    cache: true,
    options: toolchainOptions(options),
    inputs: packageInputs(needed.build),
    outputs: [output(runFolder(project, names.build))],
    metadata: describe('Compiles the package on a build machine.', pkg, names.build, { args: ['-v2'] }),
  };
}

function testTargets(context: Context): Targets {
  const { pkg, project, options, names, needed } = context;
  const target = (name: string, suite: string | null): TargetConfiguration => ({
    executor: 'build-machines:remote-test',
    cache: true,
    options: { ...toolchainOptions(options), ...(suite === null ? {} : { suites: [suite] }) },
    inputs: packageInputs(needed.tests),
    outputs: [output(runFolder(project, name))],
    // Without `nonAtomizedTarget`: Nx refuses to run a target that has it where there is no Nx Cloud.
    metadata: describe(
      suite === null ? 'Builds and runs all test suites of the package.' : `Builds and runs the test suite ${suite}.`,
      pkg,
      name,
      { args: ['--test-option=--match=some test'] },
    ),
  });
  const suites = options.atomizeTests ? componentsOf(pkg, 'test-suite').map((suite) => suite.name) : [];
  return {
    [names.test]: target(names.test, null),
    ...Object.fromEntries(
      suites.map((suite) => [atomizedName(names, suite), target(atomizedName(names, suite), suite)]),
    ),
  };
}

/** Name of the target of a single test suite. */
export function atomizedName(names: Pick<TargetNames, 'test'>, suite: string): string {
  return `${names.test}--${suite}`;
}

function benchTarget({ pkg, project, options, names, needed }: Context): TargetConfiguration {
  return {
    executor: 'build-machines:remote-bench',
    // Figures of another day are no answer to "how fast is it now".
    cache: false,
    options: toolchainOptions(options),
    inputs: packageInputs(needed.tests),
    outputs: [output(runFolder(project, names.bench))],
    metadata: describe('Builds and runs the benchmarks of the package.', pkg, names.bench, {}),
  };
}

function haddockTarget({ pkg, project, options, names, needed }: Context): TargetConfiguration {
  return {
    executor: 'build-machines:remote-haddock',
    cache: true,
    options: toolchainOptions(options),
    inputs: packageInputs(needed.build),
    outputs: [output(runFolder(project, names.haddock)), output(documentationFolder(project))],
    metadata: describe('Builds the API documentation of the package, into dist/haddock.', pkg, names.haddock, {}),
  };
}

function fetchTarget({ pkg, project, options, names, needed }: Context): TargetConfiguration {
  return {
    executor: 'build-machines:fetch-artifacts',
    cache: true,
    dependsOn: [names.build],
    options: {
      ...toolchainOptions(options),
      ...(names.build === 'remote-build' ? {} : { buildTarget: names.build }),
      // An option, so that what the command line says instead is the output, and the usual folder then is not.
      outputPath: artifactFolder(project),
    },
    // The list of artifacts with their digests, not the log beside it, which differs from run to run.
    inputs: [...packageInputs(needed.build), { dependentTasksOutputFiles: '**/artifacts.json', transitive: false }],
    outputs: ['{options.outputPath}'],
    metadata: describe('Brings what was built into dist/remote.', pkg, names.fetch, {}),
  };
}

function runTarget(context: Context): TargetConfiguration {
  const { pkg, names } = context;
  const [executable] = componentsOf(pkg, 'executable');
  const target = interactiveTarget(context, 'remote-run', 'Runs an executable of the package on a build machine.');
  return {
    ...target,
    metadata: describe('Runs an executable of the package on a build machine.', pkg, names.run, {
      options: { executable: executable?.name ?? pkg.name },
    }),
  };
}

function watchTarget(context: Context): TargetConfiguration {
  const target = interactiveTarget(
    context,
    'remote-watch',
    'On every save, reloads a warm GHCi on a build machine and shows its messages.',
  );
  return { ...target, continuous: true };
}

function interactiveTarget(
  { pkg, options, names, needed }: Context,
  executor: string,
  description: string,
): TargetConfiguration {
  const name = executor === 'remote-ghci' ? names.ghci : executor === 'remote-run' ? names.run : names.watch;
  return {
    executor: `build-machines:${executor}`,
    cache: false,
    options: toolchainOptions(options),
    // They say what is sent, although no result is kept: GHCi may load tests, too.
    inputs: packageInputs(needed.tests),
    metadata: describe(description, pkg, name, {}),
  };
}

function toolchainOptions({ machine, ghc, cabal, env, gitInfo }: PluginOptions): Record<string, unknown> {
  return {
    ...(machine === undefined ? {} : { machine }),
    ...(ghc === undefined ? {} : { ghc }),
    ...(cabal === undefined ? {} : { cabal }),
    ...(env.length === 0 ? {} : { env }),
    ...(gitInfo ? { gitInfo } : {}),
  };
}

/** An output as Nx writes it. */
function output(folder: string): string {
  return `{workspaceRoot}/${folder}`;
}

function describe(
  description: string,
  pkg: LocatedPackage,
  target: string,
  example: { options?: Record<string, unknown>; args?: string[] },
): NonNullable<TargetConfiguration['metadata']> {
  return {
    technologies: TECHNOLOGIES,
    description,
    help: { command: `npx nx run ${pkg.name}:${target} --help`, example },
  };
}
