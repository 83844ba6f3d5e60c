import { join } from 'node:path';
import { readIfPresent } from '../disk/missing.js';
import { parseYaml, type ParsedYaml } from '../yaml-files/parse-yaml.js';
import { checkRegistry } from './check.js';
import { PortRegistryMissingError } from './errors.js';
import { PORT_REGISTRY_FILE, PortRegistry } from './schema.js';

/**
 * Reads and checks the port registry of a workspace.
 * @throws PortRegistryMissingError, YamlFileError (with lines; clashes name both owners).
 */
export async function readPortRegistry(workspaceRoot: string): Promise<PortRegistry> {
  return (await loadPortRegistry(workspaceRoot)).value;
}

/** As {@link readPortRegistry}, with the document, for edits and for pointing at lines. */
export async function loadPortRegistry(workspaceRoot: string): Promise<ParsedYaml<PortRegistry>> {
  const file = join(workspaceRoot, PORT_REGISTRY_FILE);
  const text = await readIfPresent(file);
  if (text === undefined) throw new PortRegistryMissingError(file);
  return parsePortRegistry(file, text);
}

/** Parses and checks the text of a port registry. `file` is how errors name it. */
export function parsePortRegistry(file: string, text: string): ParsedYaml<PortRegistry> {
  const parsed = parseYaml(file, text, PortRegistry);
  checkRegistry(parsed);
  return parsed;
}
