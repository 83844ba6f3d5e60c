import type { NxJsonConfiguration } from '@nx/devkit';

/** The plugin's npm name, under which nx.json knows it. */
export const PLUGIN = 'build-machines';

/** The sync generator that keeps port-registry.yml, machine definitions and Packer variables in step. */
export const SYNC_GENERATOR = `${PLUGIN}:sync`;

/**
 * nx.json with the plugin and its sync generator registered. What is there stays, in its order; a plugin entry with
 * options counts as registered.
 */
export function registerInNxJson(nxJson: NxJsonConfiguration): NxJsonConfiguration {
  const plugins = nxJson.plugins ?? [];
  const generators = nxJson.sync?.globalGenerators ?? [];
  const hasPlugin = plugins.some((entry) => (typeof entry === 'string' ? entry : entry.plugin) === PLUGIN);
  const hasGenerator = generators.includes(SYNC_GENERATOR);
  return {
    ...nxJson,
    plugins: hasPlugin ? plugins : [...plugins, PLUGIN],
    sync: { ...nxJson.sync, globalGenerators: hasGenerator ? generators : [...generators, SYNC_GENERATOR] },
  };
}
