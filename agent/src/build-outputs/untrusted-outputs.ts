import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isErrno } from '../durable/errno.js';
import { isModule } from './source-digests.js';

/**
 * What a module's text holds where its compilation may read a file, or run code, that the compiler does not record:
 * Template Haskell, preprocessors and plugins, and an include, which may bring any of these in. Comments count, too.
 */
const READS_MORE =
  /\b(?:TemplateHaskell|QuasiQuotes)\b|^[ \t]*#[ \t]*include\b|\bOPTIONS(?:_GHC)?\b[^#]*?\s-(?:F|pgm|fplugin|opt)/m;

/** Interfaces and objects of a module, by way and boot file: `A.hi`, `A.dyn_o`, `A.o-boot`. */
const COMPILED = /^(?<module>[^.]+)\.(?<way>(?:[a-z]+_)*)(?<kind>hi|o)(?:-boot)?$/;

/**
 * Names, without ending, of the modules whose compilation may read more than the compiler records.
 * @param paths of sources, relative to the tree
 */
export async function modulesThatReadMore(tree: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of paths.filter(isModule)) {
    const text = await readText(join(tree, path));
    if (text !== null && READS_MORE.test(text)) found.add(stem(path));
  }
  // The file that holds the module Main has any name.
  if (found.size > 0) found.add('Main');
  return found;
}

/**
 * Those of a package's outputs that must be made again after a change that its build tool may not see:
 * - its record of what it has built, so that it asks the compiler again, which compares what it did record;
 * - what was compiled from the named modules. Modules of one name in several folders are not told apart;
 * - objects without an interface beside them, which come from C and its kin: only their own source is compared;
 * - what preprocessors made: likewise.
 * @param outputs paths relative to the folder of the package's outputs
 */
export function untrustedOutputs(outputs: readonly string[], modules: ReadonlySet<string>): string[] {
  const all = new Set(outputs);
  return outputs.filter((path) => {
    if (path.endsWith('cache/build')) return true;
    if (path.endsWith('.hs')) return !path.split('/').includes('autogen');
    const { module, way = '', kind } = COMPILED.exec(basename(path))?.groups ?? {};
    if (module === undefined) return false;
    if (modules.has(module)) return true;
    return kind === 'o' && !all.has(join(path, '..', `${module}.${way}hi`)) && !path.endsWith('-boot');
  });
}

function stem(path: string): string {
  return basename(path).replace(/\..*$/, '');
}

/** @returns null when it is not there: a build may remove what was synced. */
async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EISDIR')) return null;
    throw error;
  }
}
