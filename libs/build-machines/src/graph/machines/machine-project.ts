import { parseMachine } from '@build-machines/machines';
import type { ProjectConfiguration } from '@nx/devkit';
import { posix } from 'node:path';
import { machineTargets } from './machine-targets.js';

/**
 * The Nx project of a machine.
 * @param text content of its machine.yml
 * @param file workspace-relative path, machines/<name>/machine.yml
 * @throws YamlFileError when the file is no machine definition, or has another name than its folder
 */
export function machineProject(text: string, file: string): ProjectConfiguration {
  const { value: definition } = parseMachine(file, text);
  return {
    name: definition.name,
    root: posix.dirname(file),
    projectType: 'application',
    targets: machineTargets(definition),
    metadata: {
      technologies: ['build-machine', definition.provider],
      description: `Build machine ${definition.name} (${definition.provider})`,
    },
  };
}
