import { joinPathFragments, type Tree } from '@nx/devkit';
import { MACHINES_FOLDER, parseMachine } from '@build-machines/machines';
import type { MachineDefinition } from '@build-machines/protocol';

/** Names of the machines that the tree defines, sorted. */
export function machinesInTree(tree: Tree): string[] {
  return tree
    .children(MACHINES_FOLDER)
    .filter((name) => tree.exists(machineFile(name)))
    .sort();
}

/** A machine's definition. @throws YamlFileError where it is not valid. */
export function readMachineInTree(tree: Tree, name: string): MachineDefinition {
  const file = machineFile(name);
  return parseMachine(file, tree.read(file, 'utf8') ?? '').value;
}

/** Path of a machine's definition in the tree. */
export function machineFile(name: string): string {
  return joinPathFragments(MACHINES_FOLDER, name, 'machine.yml');
}
