import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isErrno } from '../durable/errno.js';
import { isModule } from './source-digests.js';

/**
 * What a module's text holds where its compilation may read a file, or run code, that the compiler does not record:
 * Template Haskell, preprocessors and plugins, and an include, which may bring any of these in. Comments count, too.
 */
const READS_MORE =
  /\b(?:X?TemplateHaskell|X?QuasiQuotes)\b|^[ \t]*#[ \t]*include\b|\bOPTIONS(?:_GHC)?\b[^#]*?\s-(?:F|pgm|fplugin|opt)/m;

/** A preprocessor or plugin of a module, which may read all other modules: to list the tests of a suite, for example. */
const READS_MODULES = /\bOPTIONS(?:_GHC)?\b[^#]*?\s-(?:F|pgm|fplugin)/;

/** Interfaces and objects of a module, by way and boot file: `A.hi`, `A.dyn_o`, `A.o-boot`. */
const COMPILED = /^(?<module>[^.]+)\.(?<way>(?:[a-z]+_)*)(?<kind>hi|o)(?:-boot)?$/;

/** Names, without ending, of modules whose outputs are not trusted. */
export type Modules = ReadonlySet<string>;

/**
 * Modules whose compilation may read more than the compiler records; `preprocessed`: those of them that may read all other
 * modules of their package.
 * @param paths of sources, relative to the tree
 */
export async function modulesThatReadMore(
  tree: string,
  paths: readonly string[],
): Promise<{ readonly all: Modules; readonly preprocessed: Modules }> {
  const all = new Set<string>();
  const preprocessed = new Set<string>();
  for (const path of paths.filter(isModule)) {
    const text = await readText(join(tree, path));
    if (text === null) continue;
    if (READS_MORE.test(text)) all.add(stem(path));
    if (READS_MODULES.test(text)) preprocessed.add(stem(path));
  }
  // The file that holds the module Main has any name.
  for (const modules of [all, preprocessed]) if (modules.size > 0) modules.add('Main');
  return { all, preprocessed };
}

/**
 * A package's records of what its build tool has built. Without them it asks the compiler again, which compares what it did
 * record: also modules that the package description does not list.
 */
export function buildRecords(outputs: readonly string[]): string[] {
  return outputs.filter((path) => path.endsWith('cache/build'));
}

/** What was compiled from some modules. Modules of one name in several folders are not told apart. */
export function compiledFrom(outputs: readonly string[], modules: Modules | 'any'): string[] {
  return outputs.filter((path) => {
    const { module } = COMPILED.exec(basename(path))?.groups ?? {};
    return module !== undefined && (modules === 'any' || modules.has(module));
  });
}

/**
 * Outputs of components that may use libraries of their own package: all but those of its only library. (Cabal's folders of
 * executables, tests, benchmarks, foreign libraries; and of executables of packages that are not built by component.)
 */
export function outputsOfUsers(outputs: readonly string[]): string[] {
  if (outputs.some((path) => path.startsWith('l/'))) return [...outputs];
  return outputs.filter((path) => /^[xtbf]\/|^build\/[^/]+\/[^/]+-tmp\//.test(path));
}

/**
 * Those of a package's outputs that must be made again after a change that its build tool may not see:
 * - its records of what it has built;
 * - what was compiled from the named modules;
 * - objects without an interface beside them, which come from C and its kin: only their own source is compared;
 * - what preprocessors made: likewise;
 * - documentation: pages of modules that are gone stay among those that haddock writes anew each time.
 * @param outputs paths relative to the folder of the package's outputs
 */
export function untrustedOutputs(outputs: readonly string[], modules: Modules): string[] {
  const all = new Set(outputs);
  const preprocessed = outputs.filter((path) => path.endsWith('.hs') && !path.split('/').includes('autogen'));
  const withoutInterface = outputs.filter((path) => {
    const { module, way = '', kind } = COMPILED.exec(basename(path))?.groups ?? {};
    return kind === 'o' && !all.has(join(path, '..', `${module ?? ''}.${way}hi`)) && !path.endsWith('-boot');
  });
  const pages = outputs.filter((path) => /(^|\/)doc\/html\//.test(path));
  return [...buildRecords(outputs), ...preprocessed, ...compiledFrom(outputs, modules), ...withoutInterface, ...pages];
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
