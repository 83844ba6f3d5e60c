import { MachineDefinition } from '@build-machines/protocol';
import type { ProjectConfiguration } from '@nx/devkit';
import { posix } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { MachineFileError } from '../graph-errors.js';
import { machineTargets } from './machine-targets.js';

/**
 * The Nx project of a machine.
 * @param text content of its machine.yml
 * @param file workspace-relative path, machines/<name>/machine.yml
 * @throws MachineFileError when the file is no machine definition, or has another name than its folder
 */
export function machineProject(text: string, file: string): ProjectConfiguration {
  const definition = parseMachine(text, file);
  const root = posix.dirname(file);
  const folder = posix.basename(root);
  if (definition.name !== folder) {
    throw new MachineFileError(file, undefined, `name is "${definition.name}", but the folder is "${folder}"`);
  }
  return {
    name: definition.name,
    root,
    projectType: 'application',
    targets: machineTargets(definition),
    metadata: {
      technologies: ['build-machine', definition.provider],
      description: `Build machine ${definition.name} (${definition.provider})`,
    },
  };
}

function parseMachine(text: string, file: string): MachineDefinition {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    throw new MachineFileError(
      file,
      syntaxError.linePos?.[0].line,
      syntaxError.message.split('\n')[0] ?? 'broken YAML',
    );
  }
  const parsed = MachineDefinition.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw new MachineFileError(file, undefined, z.prettifyError(parsed.error));
  return parsed.data;
}
