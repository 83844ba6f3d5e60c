import {
  addDependenciesToPackageJson,
  formatFiles,
  readNxJson,
  updateNxJson,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { MACHINES_FOLDER } from '@build-machines/machines';
import { ensureRegistry } from '../machine-files/default-registry.js';
import { renderMachineYml } from '../machine-files/machine-yml.js';
import { allocateInTree } from '../machine-files/tree-registry.js';
import { reportMistakes } from '../report-mistakes.js';
import { defineMachine } from '../vm/define-machine.js';
import { withIgnoredFolders } from './gitignore.js';
import { PLUGIN, registerInNxJson } from './nx-json.js';
import { ownVersion } from '../../package/package-folder.js';
import type { InitGeneratorSchema } from './schema.js';

/** Name of the machine that `init` defines on this computer. */
const SANDBOX = 'sandbox';

/** Sets build-machines up in a workspace; what is there already stays as it is. */
export default async function initGenerator(tree: Tree, options: InitGeneratorSchema): Promise<GeneratorCallback> {
  return reportMistakes(async () => {
    const nxJson = readNxJson(tree) ?? {};
    const registered = registerInNxJson(nxJson);
    if (JSON.stringify(registered) !== JSON.stringify(nxJson)) updateNxJson(tree, registered);
    ensureRegistry(tree);
    if (options.sandbox !== false) defineSandbox(tree);
    ignoreLocalFolders(tree);
    const install =
      options.skipPackageJson === true ? () => undefined : addPackage(tree, options.keepExistingVersions ?? false);
    if (options.skipFormat !== true) await formatFiles(tree);
    return install;
  });
}

function defineSandbox(tree: Tree): void {
  const file = `${MACHINES_FOLDER}/${SANDBOX}/machine.yml`;
  if (!tree.exists(file)) tree.write(file, renderMachineYml(defineMachine({ name: SANDBOX, provider: 'sandbox' })));
  allocateInTree(tree, SANDBOX);
}

function ignoreLocalFolders(tree: Tree): void {
  const present = tree.read('.gitignore', 'utf8') ?? '';
  const wanted = withIgnoredFolders(present);
  if (wanted !== present) tree.write('.gitignore', wanted);
}

/**
 * Adds the package as a development dependency; `nx add` has done so already, with the version that it was asked for. A
 * workspace without package.json (`nx init --useDotNxInstallation`) has its plugins in nx.json, where Nx's own wrapper
 * installs them from.
 */
function addPackage(tree: Tree, keepExistingVersions: boolean): GeneratorCallback {
  if (!tree.exists('package.json')) {
    const nxJson = readNxJson(tree) ?? {};
    const { installation } = nxJson;
    if (installation === undefined || installation.plugins?.[PLUGIN] !== undefined) return () => undefined;
    const plugins = { ...installation.plugins, [PLUGIN]: ownVersion() };
    updateNxJson(tree, { ...nxJson, installation: { ...installation, plugins } });
    return () => undefined;
  }
  return addDependenciesToPackageJson(tree, {}, { [PLUGIN]: ownVersion() }, undefined, keepExistingVersions);
}
