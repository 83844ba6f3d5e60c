import type { Tree } from '@nx/devkit';
import {
  allocateInText,
  parsePortRegistry,
  PORT_REGISTRY_FILE,
  PortRegistryMissingError,
  releaseInText,
  type PortRegistry,
} from '@build-machines/machines';

/**
 * The port registry of the workspace that a generator changes. All of it goes through Nx's tree, so that `--dry-run`
 * shows the very port that a real run would give.
 * @throws PortRegistryMissingError where `init` has not run; YamlFileError where the file is no registry.
 */
export function readRegistry(tree: Tree): PortRegistry {
  return parsePortRegistry(PORT_REGISTRY_FILE, registryText(tree)).value;
}

/** Gives a machine its port (the one that it has, or the lowest free one) and returns it. */
export function allocateInTree(tree: Tree, name: string): number {
  const text = registryText(tree);
  const edit = allocateInText(PORT_REGISTRY_FILE, text, name);
  if (edit.text !== text) tree.write(PORT_REGISTRY_FILE, edit.text);
  return edit.port;
}

/** Frees a machine's port and returns it; undefined when it had none. */
export function releaseInTree(tree: Tree, name: string): number | undefined {
  const edit = releaseInText(PORT_REGISTRY_FILE, registryText(tree), name);
  if (edit !== undefined) tree.write(PORT_REGISTRY_FILE, edit.text);
  return edit?.port;
}

function registryText(tree: Tree): string {
  const text = tree.read(PORT_REGISTRY_FILE, 'utf8');
  if (text === null) throw new PortRegistryMissingError(PORT_REGISTRY_FILE);
  return text;
}
