import { joinPathFragments, type Tree } from '@nx/devkit';
import { MACHINES_FOLDER, PORT_REGISTRY_FILE, YamlFileError } from '@build-machines/machines';
import type { MachineDefinition } from '@build-machines/protocol';
import { ensureRegistry } from '../machine-files/default-registry.js';
import { PACKER_VARIABLES_FILE, reconcilePackerVariables } from '../machine-files/packer-variables.js';
import { machinesInTree, readMachineInTree } from '../machine-files/tree-machines.js';
import { allocateInTree, readRegistry, releaseInTree } from '../machine-files/tree-registry.js';
import { reportMistakes } from '../report-mistakes.js';

/** What Nx expects of a sync generator: nothing to say when all was in step. */
export interface SyncResult {
  outOfSyncMessage?: string;
  outOfSyncDetails?: string[];
}

/**
 * Brings port-registry.yml and Packer variables in step with the machine definitions, which are what people write.
 * Only text is compared: nothing on this computer is asked, so that CI comes to the same result.
 */
export default async function syncGenerator(tree: Tree): Promise<SyncResult> {
  return reportMistakes(() => {
    const names = machinesInTree(tree);
    const machines = names.flatMap((name) => validMachine(tree, name) ?? []);
    if (names.length === 0 && !tree.exists(PORT_REGISTRY_FILE)) return {};
    ensureRegistry(tree);
    // First what goes, then what comes: a freed port may be the one that a new machine needs.
    const changes = [
      ...releasePorts(tree, names),
      ...allocatePorts(tree, machines),
      ...machines.flatMap((machine) => updatePackerVariables(tree, machine)),
    ];
    if (changes.length === 0) return {};
    return {
      outOfSyncMessage: 'Build machines: port-registry.yml and Packer variables do not match the machine definitions.',
      outOfSyncDetails: changes,
    };
  });
}

/** A machine whose definition is broken keeps its port; its own tasks report the mistake, which is nobody else's matter. */
function validMachine(tree: Tree, name: string): MachineDefinition | undefined {
  try {
    return readMachineInTree(tree, name);
  } catch (error) {
    if (error instanceof YamlFileError) return undefined;
    throw error;
  }
}

function releasePorts(tree: Tree, names: readonly string[]): string[] {
  const defined = new Set(names);
  return Object.keys(readRegistry(tree).machines)
    .filter((name) => !defined.has(name))
    .map((name) => `port ${String(releaseInTree(tree, name))} is kept for "${name}", which is not defined`);
}

function allocatePorts(tree: Tree, machines: readonly MachineDefinition[]): string[] {
  const held = readRegistry(tree).machines;
  return machines
    .filter(({ name, provider, tunnel }) => held[name] === undefined && (provider !== 'ssh' || tunnel))
    .map(({ name }) => `machine "${name}" has no port; ${allocateInTree(tree, name)} is free`);
}

function updatePackerVariables(tree: Tree, machine: MachineDefinition): string[] {
  if (machine.provider !== 'virtualbox' && machine.provider !== 'qemu') return [];
  const file = joinPathFragments(MACHINES_FOLDER, machine.name, PACKER_VARIABLES_FILE);
  const present = tree.read(file, 'utf8') ?? undefined;
  const wanted = reconcilePackerVariables(present, machine);
  if (wanted === present) return [];
  tree.write(file, wanted);
  return [present === undefined ? `${file} is missing` : `${file} differs from machine.yml`];
}
