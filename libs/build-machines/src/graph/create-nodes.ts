import { diskFiles } from '@build-machines/haskell';
import {
  type CreateNodes,
  type CreateNodesContext,
  type CreateNodesResult,
  type CreateNodesResultArray,
  type ProjectConfiguration,
} from '@nx/devkit';
import { dirname } from 'node:path';
import { errorForNx } from '../reporting/error-for-nx.js';
import { PluginOptionsError } from './graph-errors.js';
import { NAMED_INPUTS } from './inputs/named-inputs.js';
import { PLUGIN_NODE } from './inputs/plugin-node.js';
import { isDisabled } from './kill-switch.js';
import { readMachineProject } from './machines/read-machine-project.js';
import { AnalysisCache } from './nx/analysis-cache.js';
import { analysePackages } from './packages/analyse-packages.js';
import { declaredProject } from './nx/declared-project.js';
import { brokenProject } from './packages/broken-project.js';
import { PackageNeeds } from './packages/needed-packages.js';
import { projectNames } from './packages/package-names.js';
import { packageProject } from './packages/package-project.js';
import { readWorkspacePackages, type WorkspacePackage } from './packages/workspace-packages.js';
import { parsePluginOptions, type PluginOptions } from './plugin-options.js';

/** The files that packages, cabal projects and machines are inferred from. */
export const CONFIG_FILES = '{**/*.cabal,**/package.yaml,**/cabal.project,**/stack.yaml,machines/*/machine.yml}';

/**
 * Infers an Nx project from each Haskell package and each machine of the workspace. An error of createNodes fails every Nx
 * command of everybody, so what is wrong with a file is kept in the metadata of its own project, whose tasks report it.
 */
export const createNodes: CreateNodes<unknown> = [
  CONFIG_FILES,
  (configFiles, options, context) => {
    if (isDisabled(process.env)) return [];
    return inferNodes(configFiles, checkedOptions(options), context, process.env);
  },
];

function checkedOptions(options: unknown): PluginOptions {
  try {
    return parsePluginOptions(options);
  } catch (error) {
    throw error instanceof PluginOptionsError ? errorForNx(error) : error;
  }
}

/** The name that Nx 22 and earlier look for. */
export const createNodesV2 = createNodes;

/** {@link createNodes} with checked options and explicit environment. */
export function inferNodes(
  configFiles: readonly string[],
  options: PluginOptions,
  context: CreateNodesContext,
  env: Readonly<Record<string, string | undefined>>,
): CreateNodesResultArray {
  const machines = inferMachines(configFiles, context.workspaceRoot);
  const packages = inferPackages(configFiles, options, context, env, new Set(machines.map(({ name }) => name)));
  const results = [...packages, ...machines].map(({ file, ...project }): [string, CreateNodesResult] => [
    file,
    { projects: { [project.root]: project } },
  ]);
  const [first] = results;
  if (first !== undefined) results.push([first[0], { externalNodes: { [PLUGIN_NODE.name]: PLUGIN_NODE } }]);
  return results;
}

/** A project and the file that it is inferred from. */
type InferredProject = ProjectConfiguration & { readonly file: string };

function inferPackages(
  configFiles: readonly string[],
  options: PluginOptions,
  { workspaceRoot, nxJsonConfiguration }: CreateNodesContext,
  env: Readonly<Record<string, string | undefined>>,
  reserved: ReadonlySet<string | undefined>,
): InferredProject[] {
  const cache = AnalysisCache.open(workspaceRoot, env);
  const { packages } = readWorkspacePackages(workspaceRoot, outsideHidden(configFiles), diskFiles(), cache);
  const { analyses, problems } = analysePackages(
    packages.filter(({ problem }) => problem === undefined),
    workspaceRoot,
  );
  const unreadable = new Map(problems);
  const declared = new Map(packages.map(({ root }) => [root, declaredProject(workspaceRoot, root)]));
  const inferred = projectNames(
    packages.map(({ root, pkg, project }) => ({
      root,
      packageName: pkg.name,
      givenName: declared.get(root)?.name,
      projectRoot: project.root,
    })),
    reserved,
  );
  const nameOf = ({ root, pkg }: WorkspacePackage): string => inferred.get(root) ?? pkg.name;
  const needs = new PackageNeeds(packages, {
    nameOf: (pkg) => declared.get(pkg.root)?.name ?? nameOf(pkg),
    hasImplicitDependencies: ({ root }) => declared.get(root)?.hasImplicitDependencies === true,
    isNamedInWorkspace: nxJsonConfiguration.namedInputs?.[NAMED_INPUTS.package] !== undefined,
  });
  const projects = packages.map((pkg): InferredProject => {
    const name = nameOf(pkg);
    const naming = { name, nameForNx: declared.get(pkg.root)?.name ?? name, needed: needs.of(pkg) };
    const analysis = analyses.get(pkg);
    const problem = pkg.problem ?? unreadable.get(pkg.file);
    const project =
      analysis === undefined || problem !== undefined
        ? brokenProject(pkg, problem, options, naming, Object.keys(nxJsonConfiguration.namedInputs ?? {}))
        : packageProject(pkg, analysis, options, naming);
    return { ...project, file: pkg.file };
  });
  cache.save();
  return projects;
}

/** Drops files in hidden folders, which hold what tools keep for themselves, copies of cabal files too (.pc, .direnv). */
export function outsideHidden(files: readonly string[]): string[] {
  return files.filter(
    (file) =>
      !dirname(file)
        .split('/')
        .some((name) => name.startsWith('.') && name !== '.'),
  );
}

function inferMachines(configFiles: readonly string[], workspaceRoot: string): InferredProject[] {
  return configFiles
    .filter((path) => /^machines\/[^/]+\/machine\.yml$/.test(path))
    .map((file) => ({ ...readMachineProject(file, workspaceRoot), file }));
}
