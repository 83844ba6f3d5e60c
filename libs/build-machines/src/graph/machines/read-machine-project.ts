import { isSystemError } from '@build-machines/owned-files';
import { BuildMachinesError } from '@build-machines/protocol';
import type { ProjectConfiguration } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { ProjectUnreadableError } from '../graph-errors.js';
import { problemMetadata } from '../nx/problem-metadata.js';
import { machineProject } from './machine-project.js';
import { machineTargets } from './machine-targets.js';

/**
 * The Nx project of a machine. One whose machine.yml cannot be read has the targets of every machine, and those of a VM
 * unless its provider is known to be another; each of them reports what is wrong with the file.
 * @param file workspace-relative path, machines/<name>/machine.yml
 */
export function readMachineProject(file: string, workspaceRoot: string): ProjectConfiguration {
  let text = '';
  try {
    text = readFileSync(join(workspaceRoot, file), 'utf8');
    return machineProject(text, file);
  } catch (error) {
    if (error instanceof BuildMachinesError) return brokenMachine(file, text, error);
    if (isSystemError(error)) return brokenMachine(file, text, new ProjectUnreadableError(file, error));
    throw error;
  }
}

function brokenMachine(file: string, text: string, problem: BuildMachinesError): ProjectConfiguration {
  const root = posix.dirname(file);
  const name = basename(root);
  const isOtherThanVm = /^provider:[ \t]*["']?(sandbox|ssh)\b/m.test(text);
  return {
    name,
    root,
    projectType: 'application',
    targets: machineTargets({ name, provider: isOtherThanVm ? 'sandbox' : 'qemu' }),
    metadata: {
      technologies: ['build-machine'],
      description: `Build machine ${name}, whose machine.yml cannot be read`,
      ...problemMetadata(problem),
    },
  };
}
