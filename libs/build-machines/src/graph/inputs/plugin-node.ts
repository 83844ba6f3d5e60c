import type { ProjectGraphExternalNode } from '@nx/devkit';
import { ownVersion } from '../../package/package-folder.js';

/**
 * The plugin itself as a node of Nx's graph, for the inputs of its targets. A target that names no external dependency
 * has all npm packages of the workspace as input, so that any `npm install` would rebuild every Haskell package. The npm
 * node of the plugin cannot be named instead: Nx refuses a name that it does not know, and it knows none that is linked
 * or where it cannot read the lock file.
 */
export const PLUGIN_NODE: ProjectGraphExternalNode = {
  type: 'build-machines',
  name: 'build-machines:plugin',
  data: { version: ownVersion(), packageName: 'build-machines' },
};
