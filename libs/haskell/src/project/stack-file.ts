import { parseYaml } from '../hpack/parse-yaml.js';
import { z } from 'zod';

const StackFile = z.looseObject({ packages: z.array(z.string()).nullish() });

/**
 * Folders of the packages that a stack.yaml names; the folder of the file itself when it names none, as in stack.
 * @throws HaskellFileError when it is no YAML, or `packages` is no list of paths
 */
export function parseStackFile(text: string, file = 'stack.yaml'): string[] {
  return parseYaml(text, file, StackFile).packages ?? ['.'];
}
