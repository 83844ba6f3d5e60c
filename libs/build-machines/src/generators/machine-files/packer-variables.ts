import type { MachineDefinition } from '@build-machines/protocol';
import { imageToolchains } from './image-toolchains.js';

/** Name of the variables file beside machine.yml; Packer's own name for files that it loads by itself. */
export const PACKER_VARIABLES_FILE = 'packer.auto.pkrvars.hcl';

const header = `# Values for the image's Packer template, passed to it by packer-build.
# The variables that machine.yml decides are kept in step with it by \`nx sync\`: change them there.
# Add others of the template (ssh_timeout, bind_address, …) below; they are left alone.
`;

/** The template variables that a machine's definition decides. */
export function packerVariables(machine: MachineDefinition): Record<string, string> {
  const { toolchains, resources, packages } = machine;
  return {
    vm_name: text(machine.name),
    cpus: String(resources.cpus),
    memory_mib: String(resources.memoryMiB),
    disk_gib: String(resources.diskGiB),
    ghc_versions: list(toolchains.ghc.length > 0 ? toolchains.ghc : imageToolchains.ghc),
    cabal_version: text(toolchains.cabal ?? imageToolchains.cabal),
    stack_version: text(toolchains.stack ?? ''),
    hls_version: text(toolchains.hls ?? ''),
    extra_packages: list(packages),
  };
}

/**
 * The variables file for a machine, made from the one that is there: assignments of ours get their values, missing ones
 * are added, every other line stays.
 * @param present text of the file, or undefined where there is none.
 */
export function reconcilePackerVariables(present: string | undefined, machine: MachineDefinition): string {
  const wanted = new Map(Object.entries(packerVariables(machine)));
  const width = Math.max(...[...wanted.keys()].map((name) => name.length));
  const lines = (present ?? header).replace(/\n$/, '').split('\n');
  const kept = lines.map((line) => {
    const [, name = '', rest = '', comment = ''] = /^(\w+)\s*=\s*(.*?)(\s+(?:#|\/\/).*)?$/.exec(line) ?? [];
    const value = wanted.get(name);
    wanted.delete(name);
    return value === undefined || rest === value ? line : `${name.padEnd(width)} = ${value}${comment}`;
  });
  const added = [...wanted].map(([name, value]) => `${name.padEnd(width)} = ${value}`);
  return `${[...kept, ...added].join('\n')}\n`;
}

/** An HCL2 string literal: JSON's, with HCL's own two template openings escaped. */
function text(value: string): string {
  return JSON.stringify(value).replace(/([$%])\{/g, '$1$1{');
}

function list(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}
