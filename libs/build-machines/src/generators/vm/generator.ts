import { availableParallelism, networkInterfaces } from 'node:os';
import { formatFiles, getProjects, joinPathFragments, logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { MACHINES_FOLDER } from '@build-machines/machines';
import { terminalAsker, type Asker } from '../asking/ask.js';
import { mayAsk } from '../asking/interactive.js';
import { lanInterfaces } from '../asking/network-suggestions.js';
import { ensureRegistry } from '../machine-files/default-registry.js';
import { MachineExistsError, MachineNameTakenError } from '../machine-files/errors.js';
import { renderMachineYml } from '../machine-files/machine-yml.js';
import { PACKER_VARIABLES_FILE, reconcilePackerVariables } from '../machine-files/packer-variables.js';
import { machineFile } from '../machine-files/tree-machines.js';
import { allocateInTree } from '../machine-files/tree-registry.js';
import { reportMistakes } from '../report-mistakes.js';
import { completeOptions, type Workstation } from './complete-options.js';
import { defineMachine } from './define-machine.js';
import type { VmGeneratorSchema } from './schema.js';

/** Defines a build machine: machine.yml, its port, and Packer variables for one that is made from an image. */
export default async function vmGenerator(tree: Tree, options: VmGeneratorSchema): Promise<GeneratorCallback> {
  const workstation = { cpus: availableParallelism(), interfaces: lanInterfaces(networkInterfaces()) };
  return createMachine(tree, options, workstation, mayAsk(process.env, process.stdin) ? terminalAsker : undefined);
}

/** The generator, with what it learns from the computer and the person as arguments. */
export async function createMachine(
  tree: Tree,
  options: VmGeneratorSchema,
  workstation: Workstation,
  asker: Asker | undefined,
): Promise<GeneratorCallback> {
  return reportMistakes(async () => {
    const folder = joinPathFragments(MACHINES_FOLDER, options.name);
    const file = machineFile(options.name);
    if (tree.exists(file)) throw new MachineExistsError(options.name, file);
    const namesake = getProjects(tree).get(options.name);
    if (namesake !== undefined) throw new MachineNameTakenError(options.name, namesake.root);
    const machine = defineMachine(await completeOptions(options, workstation, asker));
    const tunnelled = machine.provider !== 'ssh' || machine.tunnel;
    ensureRegistry(tree);
    const port = tunnelled ? allocateInTree(tree, machine.name) : undefined;
    tree.write(file, renderMachineYml(machine));
    if (machine.provider === 'virtualbox' || machine.provider === 'qemu')
      tree.write(joinPathFragments(folder, PACKER_VARIABLES_FILE), reconcilePackerVariables(undefined, machine));
    if (options.skipFormat !== true) await formatFiles(tree);
    return () => {
      const reached = port === undefined ? 'is reached directly' : `has port ${port}`;
      logger.info(`Machine "${machine.name}" ${reached}. Bring it up with: nx run ${machine.name}:up`);
    };
  });
}
