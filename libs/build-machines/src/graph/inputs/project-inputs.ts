import { linksCommand } from '@build-machines/sources';
import { GIT_FACTS_COMMAND } from '../../git-info/git-facts.js';
import { PLUGIN_NODE } from './plugin-node.js';
import { literalGlob } from './literal-glob.js';
import type { InputDefinition } from './input-definition.js';
import type { PluginOptions } from '../plugin-options.js';
import type { WorkspaceProject } from '../packages/workspace-project.js';

/**
 * Inputs that all targets of all packages of a cabal project share: whatever takes part in cabal's plan, and what
 * decides the toolchain.
 *
 * - Every package description of the project: the solver reads them all, also those of packages that a target does not
 *   need. They are named by one pattern, so that the graph's size grows with the packages and not with their square.
 * - The project's files, those that do not exist yet included: adding a cabal.project.freeze changes the plan.
 * - Not the machines: what they contribute depends on the task's options, those of the command line included, so the
 *   executors' hasher adds it (hashing/hash-with-machines.ts).
 * - The environment variables that are passed on, and what is passed on of git.
 * - The plugin's version, instead of every npm package of the workspace.
 */
export function projectInputs(
  project: WorkspaceProject,
  options: Pick<PluginOptions, 'env' | 'gitInfo'>,
): InputDefinition[] {
  const prefix = project.root === '.' ? '' : `${project.root}/`;
  const below = literalGlob(prefix);
  const patterns = ['**/*.cabal', '**/package.yaml', 'cabal.project', 'cabal.project.local', 'cabal.project.freeze'];
  const outside = [...project.packages.values()].map(({ file }) => file).filter((file) => !file.startsWith(prefix));
  const named = [...project.files, ...outside].filter((file) => !file.startsWith('/') && !file.startsWith('../'));
  const files = [...patterns.map((pattern) => below + pattern), ...named.map((file) => literalGlob(file))];
  return [
    ...[...new Set(files)].map((file) => `{workspaceRoot}/${file}`),
    ...(project.links.length > 0 ? [{ runtime: linksCommand(project.links) }] : []),
    ...options.env.map((env) => ({ env })),
    ...(options.gitInfo ? [{ runtime: GIT_FACTS_COMMAND }] : []),
    { externalDependencies: [PLUGIN_NODE.name] },
  ];
}
