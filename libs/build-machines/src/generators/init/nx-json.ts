import type { NxJsonConfiguration } from '@nx/devkit';
import { NAMED_INPUTS } from '../../graph/inputs/named-inputs.js';

/** The plugin's npm name, under which nx.json knows it. */
export const PLUGIN = 'build-machines';

/** The sync generator that keeps port-registry.yml, machine definitions and Packer variables in step. */
export const SYNC_GENERATOR = `${PLUGIN}:sync`;

/**
 * nx.json with the plugin and its sync generator registered, and with the named input by which a target takes the
 * production sources of its dependencies: each Haskell package defines it for itself, and Nx wants a definition for
 * projects of other kinds too, whose files all count. What is there stays, in its order; a plugin entry with options
 * counts as registered.
 */
export function registerInNxJson(nxJson: NxJsonConfiguration): NxJsonConfiguration {
  const plugins = nxJson.plugins ?? [];
  const generators = nxJson.sync?.globalGenerators ?? [];
  const hasPlugin = plugins.some((entry) => (typeof entry === 'string' ? entry : entry.plugin) === PLUGIN);
  const hasGenerator = generators.includes(SYNC_GENERATOR);
  return {
    ...nxJson,
    namedInputs: { [NAMED_INPUTS.package]: ['default'], ...nxJson.namedInputs },
    plugins: hasPlugin ? plugins : [...plugins, PLUGIN],
    sync: { ...nxJson.sync, globalGenerators: hasGenerator ? generators : [...generators, SYNC_GENERATOR] },
  };
}
