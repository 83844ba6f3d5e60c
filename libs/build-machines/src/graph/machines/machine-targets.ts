import type { MachineDefinition } from '@build-machines/protocol';
import type { TargetConfiguration } from '@nx/devkit';
import { imageRecordFolder } from '../../outputs/output-paths.js';
import { PLUGIN_NODE } from '../inputs/plugin-node.js';

type Targets = Record<string, TargetConfiguration>;

/** Targets that every machine has, and what they do. */
const EVERY_MACHINE: Readonly<Record<string, string>> = {
  up: 'Brings the machine up, doing only what is not done yet.',
  down: 'Ends the machine; its mirrors and artifacts are kept.',
  'bridge-status': 'Shows tunnel, port, agent, hub, toolchains, disk and load.',
  'smoke-test': 'Checks every layer in order, from the tunnel to an artifact that came back.',
  'vm-info': 'Shows what the machine is: provider, address, system, toolchains.',
  logs: 'Shows the logs of agent, tunnel, sshd and console.',
  'install-ssh-config': 'Makes ssh, scp and editors reach the machine by its name.',
  'ghc-install': 'Installs a GHC version on the machine.',
  'apt-install': 'Installs system packages on the machine.',
  drain: 'Stops giving new work to the machine; what runs is finished.',
  destroy: 'Removes the machine for good; machine.yml stays.',
};

/** Targets of machines that are virtual machines of ours. */
const VIRTUAL_MACHINE: Readonly<Record<string, string>> = {
  'packer-build': 'Builds the machine image with Packer.',
  'vm-import': 'Imports the image as a VM and starts it.',
  'inject-keys': 'Gives the VM its keys, pins its host key, ends password login.',
  'vm-start': 'Starts the VM headless.',
  'vm-stop': 'Shuts the VM down.',
};

/**
 * What must be done before, for a VM: `up` is the whole way from nothing to a machine that builds. Each step leaves alone
 * what is done, so the chain costs little when it is.
 */
const VM_CHAIN: Readonly<Record<string, string[]>> = {
  'vm-import': ['packer-build'],
  'inject-keys': ['vm-import'],
  'install-ssh-config': ['inject-keys'],
  up: ['inject-keys', 'install-ssh-config'],
};

/** The targets of a machine, by name. */
export function machineTargets(definition: Pick<MachineDefinition, 'name' | 'provider' | 'image'>): Targets {
  const isVm = definition.provider === 'virtualbox' || definition.provider === 'qemu';
  const descriptions = { ...EVERY_MACHINE, ...(isVm ? VIRTUAL_MACHINE : {}) };
  const targets = Object.entries(descriptions).map(([name, description]): [string, TargetConfiguration] => [
    name,
    {
      executor: `build-machines:${name}`,
      cache: false,
      ...(isVm && VM_CHAIN[name] !== undefined ? { dependsOn: chain(name, definition.image) } : {}),
      ...(name === 'packer-build' ? imageCaching(definition.name) : {}),
      metadata: {
        technologies: ['build-machine', ...(name === 'packer-build' ? ['packer'] : [])],
        description,
        help: { command: `npx nx run ${definition.name}:${name} --help`, example: {} },
      },
    },
  ]);
  return Object.fromEntries(targets);
}

/** An image that machine.yml names need not be built first. */
function chain(name: string, image: string | undefined): string[] {
  const steps = VM_CHAIN[name] ?? [];
  return image === undefined ? steps : steps.filter((step) => step !== 'packer-build');
}

/**
 * The image is made of the machine's folder (definition, variables), of templates that a workspace has of its own, and of
 * the plugin's, for which its version stands. Not of machine.lock, which building writes. The output is the
 * image's manifest: the image itself is too large to be copied into Nx's cache.
 */
function imageCaching(machine: string): Partial<TargetConfiguration> {
  return {
    cache: true,
    inputs: [
      '{projectRoot}/**/*',
      '!{projectRoot}/machine.lock',
      '{workspaceRoot}/packer/**/*',
      { externalDependencies: [PLUGIN_NODE.name] },
    ],
    outputs: [`{workspaceRoot}/${imageRecordFolder(machine)}`],
  };
}
