import manifest from '../package.json';

/** Version of the agent, which is that of the plugin that brings it. */
export const AGENT_VERSION: string = manifest.version;
