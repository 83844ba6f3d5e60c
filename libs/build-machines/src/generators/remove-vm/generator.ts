import { formatFiles, joinPathFragments, logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { MachineUnknownError, MACHINES_FOLDER, stateFolder, type StateFolder } from '@build-machines/machines';
import { MachineName } from '@build-machines/protocol';
import { MachineIsUpError } from '../machine-files/errors.js';
import { machineFile, machinesInTree } from '../machine-files/tree-machines.js';
import { PACKER_VARIABLES_FILE } from '../machine-files/packer-variables.js';
import { readRegistry, releaseInTree } from '../machine-files/tree-registry.js';
import { reportMistakes } from '../report-mistakes.js';
import type { RemoveVmGeneratorSchema } from './schema.js';
import { signOfLife } from './signs-of-life.js';

/** Removes a machine's definition and frees its port. */
export default async function removeVmGenerator(
  tree: Tree,
  options: RemoveVmGeneratorSchema,
): Promise<GeneratorCallback> {
  return removeMachine(tree, options, stateFolder(process.env));
}

/** The generator, with the state folder as an argument. */
export async function removeMachine(
  tree: Tree,
  { name, force, skipFormat }: RemoveVmGeneratorSchema,
  state: StateFolder,
): Promise<GeneratorCallback> {
  return reportMistakes(async () => {
    const folder = joinPathFragments(MACHINES_FOLDER, name);
    const file = machineFile(name);
    // A name that is a path would lead to another folder.
    if (!MachineName.safeParse(name).success) throw new MachineUnknownError(file, name, machinesInTree(tree));
    const port = readRegistry(tree).machines[name];
    // A port without a definition is what an interrupted removal leaves: then there is still something to remove.
    if (!tree.exists(file) && port === undefined) throw new MachineUnknownError(file, name, machinesInTree(tree));
    const sign = force === true ? undefined : await signOfLife(state, name, port);
    if (sign !== undefined) throw new MachineIsUpError(name, sign);
    const kept = removeDefinition(tree, folder);
    releaseInTree(tree, name);
    if (skipFormat !== true) await formatFiles(tree);
    return () => {
      logger.info(`Machine "${name}" is removed${port === undefined ? '' : `; port ${port} is free again`}.`);
      if (kept.length > 0) logger.info(`${folder} keeps what build-machines did not make: ${kept.join(', ')}.`);
    };
  });
}

/** The files that build-machines writes into the folder of a machine. */
const OWN_FILES = ['machine.yml', 'machine.lock', PACKER_VARIABLES_FILE];

/** Removes our files of a machine's folder. @returns the names of others, which stay */
function removeDefinition(tree: Tree, folder: string): string[] {
  for (const file of OWN_FILES)
    if (tree.exists(joinPathFragments(folder, file))) tree.delete(joinPathFragments(folder, file));
  return tree.children(folder);
}
