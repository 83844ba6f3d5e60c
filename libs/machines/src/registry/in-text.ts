import { freePort } from './check.js';
import { withMachine, withoutMachine } from './edit.js';
import { PortRangeFullError } from './errors.js';
import { parsePortRegistry } from './read.js';

/** A registry's text after an edit, and the port that the edit was about. */
export interface RegistryEdit {
  readonly text: string;
  readonly port: number;
}

/**
 * Gives a machine a port in the text of a registry: the one it has (the text stays), or else the lowest that is free.
 * Comments and layout stay. Pure, so that generators work on Nx's tree and `allocatePort` on the disk by one rule.
 * @param file how errors name the file.
 * @throws PortRangeFullError when the range is full; YamlFileError when the text is no registry.
 */
export function allocateInText(file: string, text: string, name: string): RegistryEdit {
  const parsed = parsePortRegistry(file, text);
  const { machines, range, services } = parsed.value;
  const held = machines[name];
  if (held !== undefined) return { text, port: held };
  const port = freePort(parsed.value);
  if (port === undefined) {
    const owners = Object.entries({ ...machines, ...services }).filter(
      ([, taken]) => taken >= range.first && taken <= range.last,
    );
    const { line } = parsed.problemAt(['range', 'last'], '', '');
    throw new PortRangeFullError(
      file,
      line,
      name,
      range,
      owners.map(([owner, taken]) => `${owner} (${taken})`),
    );
  }
  return { text: checked(file, withMachine(parsed, name, port)), port };
}

/**
 * Takes a machine out of the text of a registry; undefined when it had no port there.
 * @throws YamlFileError when the text is no registry.
 */
export function releaseInText(file: string, text: string, name: string): RegistryEdit | undefined {
  const parsed = parsePortRegistry(file, text);
  const port = parsed.value.machines[name];
  return port === undefined ? undefined : { text: checked(file, withoutMachine(parsed, name)), port };
}

/** The new text, read back as a registry, so that an edit never leaves a broken one behind. */
function checked(file: string, text: string): string {
  parsePortRegistry(file, text);
  return text;
}
