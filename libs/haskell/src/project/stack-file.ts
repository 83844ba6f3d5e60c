import { z } from 'zod';
import { parseYaml } from '../hpack/parse-yaml.js';

const StackFile = z.looseObject({
  packages: z.array(z.string()).nullish(),
  'extra-deps': z.array(z.unknown()).nullish(),
});

/** `name-version`, with what may follow: `@sha256:…`, `@rev:1`. */
const HACKAGE = /^[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*-\d+(\.\d+)*(@.*)?$/u;

/**
 * Locations of the packages that a stack.yaml names, those of its `extra-deps` on this disk among them; the folder of the
 * file itself when it names none, as in stack.
 * @throws HaskellFileError when it is no YAML, or `packages` is no list of paths
 */
export function parseStackFile(text: string, file = 'stack.yaml'): string[] {
  const stack = parseYaml(text, file, StackFile);
  return [...(stack.packages ?? ['.']), ...(stack['extra-deps'] ?? []).flatMap(localDependency)];
}

function localDependency(dependency: unknown): string[] {
  if (typeof dependency === 'string') return HACKAGE.test(dependency) || isRemote(dependency) ? [] : [dependency];
  const archive =
    typeof dependency === 'object' && dependency !== null && 'archive' in dependency && dependency.archive;
  return typeof archive === 'string' && !isRemote(archive) ? [archive] : [];
}

function isRemote(location: string): boolean {
  return /^[^/]+:/.test(location);
}
