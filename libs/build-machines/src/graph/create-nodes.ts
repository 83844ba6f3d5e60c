import { diskFiles } from '@build-machines/haskell';
import {
  AggregateCreateNodesError,
  type CreateNodes,
  type CreateNodesContext,
  type CreateNodesResult,
  type CreateNodesResultArray,
} from '@nx/devkit';
import type { BuildMachinesError } from '@build-machines/protocol';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorForNx } from '../reporting/error-for-nx.js';
import { fileProblem, PluginOptionsError } from './graph-errors.js';
import { NAMED_INPUTS } from './inputs/named-inputs.js';
import { PLUGIN_NODE } from './inputs/plugin-node.js';
import { isDisabled } from './kill-switch.js';
import { machineProject } from './machines/machine-project.js';
import { AnalysisCache } from './nx/analysis-cache.js';
import { analysePackages } from './packages/analyse-packages.js';
import { declaredProject } from './nx/declared-project.js';
import { PackageNeeds } from './packages/needed-packages.js';
import { packageProject } from './packages/package-project.js';
import { readWorkspacePackages } from './packages/workspace-packages.js';
import { parsePluginOptions, type PluginOptions } from './plugin-options.js';

/** The files that packages, cabal projects and machines are inferred from. */
export const CONFIG_FILES = '{**/*.cabal,**/package.yaml,**/cabal.project,**/stack.yaml,machines/*/machine.yml}';

/**
 * Infers an Nx project from each Haskell package and each machine of the workspace.
 * @throws AggregateCreateNodesError with one error a broken file, and everything that could be inferred all the same
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
  const results: [string, CreateNodesResult][] = [];
  const errors: [string, BuildMachinesError][] = [];
  inferPackages(configFiles, options, context, env, results, errors);
  inferMachines(configFiles, context.workspaceRoot, results, errors);
  const [first] = results;
  if (first !== undefined) results.push([first[0], { externalNodes: { [PLUGIN_NODE.name]: PLUGIN_NODE } }]);
  if (errors.length > 0)
    throw new AggregateCreateNodesError(
      errors.map(([file, error]) => [file, errorForNx(error)]),
      results,
    );
  return results;
}

function inferPackages(
  configFiles: readonly string[],
  options: PluginOptions,
  { workspaceRoot, nxJsonConfiguration }: CreateNodesContext,
  env: Readonly<Record<string, string | undefined>>,
  results: [string, CreateNodesResult][],
  errors: [string, BuildMachinesError][],
): void {
  const cache = AnalysisCache.open(workspaceRoot, env);
  const { packages, problems } = readWorkspacePackages(workspaceRoot, outsideHidden(configFiles), diskFiles(), cache);
  const { analyses, problems: unreadable } = analysePackages(packages, workspaceRoot);
  errors.push(...problems, ...unreadable);
  const namedInWorkspace = nxJsonConfiguration.namedInputs?.[NAMED_INPUTS.package] !== undefined;
  const declared = new Map(
    [...analyses.keys()].map((pkg) => [pkg, declaredProject(workspaceRoot, pkg.root, pkg.pkg.name)]),
  );
  const needs = new PackageNeeds([...analyses.keys()], declared, namedInWorkspace);
  for (const [pkg, analysis] of analyses) {
    const named = { needed: needs.of(pkg), nameForNx: declared.get(pkg)?.name ?? pkg.pkg.name };
    results.push([pkg.file, { projects: { [pkg.root]: packageProject(pkg, analysis, options, named) } }]);
  }
  cache.save();
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

function inferMachines(
  configFiles: readonly string[],
  workspaceRoot: string,
  results: [string, CreateNodesResult][],
  errors: [string, BuildMachinesError][],
): void {
  for (const file of configFiles.filter((path) => /^machines\/[^/]+\/machine\.yml$/.test(path))) {
    try {
      const project = machineProject(readFileSync(join(workspaceRoot, file), 'utf8'), file);
      results.push([file, { projects: { [project.root]: project } }]);
    } catch (error) {
      errors.push([file, fileProblem(file, error)]);
    }
  }
}
