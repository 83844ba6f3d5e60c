export { createDependencies } from './create-dependencies.js';
export { createNodes, createNodesV2 } from './create-nodes.js';
export { PluginOptions } from './plugin-options.js';
