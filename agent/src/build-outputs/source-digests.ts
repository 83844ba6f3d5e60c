import { createHash } from 'node:crypto';
import { treeDigest, type ReusedPackage, type TreeEntry } from '@build-machines/protocol';
import type { Manifest } from '../mirrors/manifest.js';
import { ancestors } from '../mirrors/path-folders.js';

/** Modules, in whatever form the compiler or a preprocessor takes them. */
const MODULE = /\.(?:hs|lhs|hsig|hs-boot|lhs-boot|hsc|chs|x|y|ly|cpphs)$/;

/** Modules that build tools do not follow: the program that builds a package, and what c2hs reads of its other sources. */
const UNFOLLOWED_MODULE = /(?:^|\/)(?:Setup|SetupHooks)\.l?hs$|\.chs$/;

/** Whether a path is that of a module's source. */
export function isModule(path: string): boolean {
  return MODULE.test(path);
}

/** What cabal watches by itself. It is in most lists, also for packages that the run does not build. */
const DESCRIPTION = /(?:^|\/)(?:[^/]+\.cabal|package\.yaml|cabal\.project[^/]*|stack\.yaml)$/;

/**
 * Entries of a manifest by the package whose sources they are; one can be of several. What is sent and is of none of them,
 * because the user made it an input, is of all: nobody knows which of them reads it.
 */
export function entriesByPackage(
  manifest: Manifest,
  packages: readonly ReusedPackage[],
): ReadonlyMap<string, readonly TreeEntry[]> {
  const byRoot = new Map<string, string[]>();
  const byFile = new Map<string, string[]>();
  const note = (index: Map<string, string[]>, path: string, name: string): void => {
    index.set(path, [...(index.get(path) ?? []), name]);
  };
  for (const { name, sources } of packages) {
    for (const root of sources.roots) note(byRoot, root, name);
    for (const file of sources.files) note(byFile, file, name);
  }
  const found = new Map<string, TreeEntry[]>(packages.map(({ name }) => [name, []]));
  for (const [path, { entry }] of manifest) {
    const folders = ['.', ...ancestors(path)];
    const owners = new Set([...folders.flatMap((folder) => byRoot.get(folder) ?? []), ...(byFile.get(path) ?? [])]);
    const anybodys = owners.size === 0 && !DESCRIPTION.test(path);
    for (const owner of anybodys ? found.keys() : owners) found.get(owner)?.push(entry);
  }
  return found;
}

/** What the outputs of a package were made from, as digests. */
export interface SourceDigests {
  /**
   * What can change any of its outputs without its build tool noticing: the environment, its files other than modules, which
   * modules there are, and all files of the packages that it needs, however far.
   */
  readonly unwatched: string;
  /** All of its files. */
  readonly own: string;
  /** Those of its libraries that other components of it use. */
  readonly libraries: string;
}

/** What digests are made of besides the environment. */
interface TreeDigests extends Omit<SourceDigests, 'unwatched'> {
  readonly files: string;
  readonly modulePaths: readonly string[];
  /** Of all files of the packages that it needs, with their names. */
  readonly others: readonly (readonly [string, string])[];
}

/** By manifest and packages: a manifest never changes, and mostly the same targets run again and again. */
const remembered = new WeakMap<Manifest, Map<string, ReadonlyMap<string, TreeDigests>>>();

/** What the outputs of each package would be made from now. */
export function sourceDigests(
  manifest: Manifest,
  packages: readonly ReusedPackage[],
  env: Readonly<Record<string, string>>,
): ReadonlyMap<string, SourceDigests> {
  const known = remembered.get(manifest) ?? new Map<string, ReadonlyMap<string, TreeDigests>>();
  remembered.set(manifest, known);
  const key = JSON.stringify(packages);
  const trees = known.get(key) ?? treeDigests(packages, entriesByPackage(manifest, packages));
  known.set(key, trees);
  const environment = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    [...trees].map(([name, { own, libraries, files, modulePaths, others }]) => {
      const all = JSON.stringify([environment, files, modulePaths, others]);
      return [name, { own, libraries, unwatched: createHash('sha256').update(all).digest('hex') }];
    }),
  );
}

function treeDigests(
  packages: readonly ReusedPackage[],
  entries: ReadonlyMap<string, readonly TreeEntry[]>,
): ReadonlyMap<string, TreeDigests> {
  const whole = new Map([...entries].map(([name, own]) => [name, treeDigest(own)]));
  const needs = new Map(packages.map((item) => [item.name, item.needs]));
  return new Map(
    packages.map(({ name, ownLibraries }) => {
      const others = [...reach(name, needs)].sort().flatMap((other): [string, string][] => {
        const digest = whole.get(other);
        return digest === undefined ? [] : [[other, digest]];
      });
      const own = entries.get(name) ?? [];
      const followed = own.filter(({ path }) => isModule(path) && !UNFOLLOWED_MODULE.test(path));
      const isFollowed = new Set(followed);
      const folders = new Set<string>(ownLibraries);
      const libraries = own.filter(({ path }) => ['.', ...ancestors(path)].some((folder) => folders.has(folder)));
      return [
        name,
        {
          own: whole.get(name) ?? '',
          libraries: treeDigest(libraries),
          files: treeDigest(own.filter((entry) => !isFollowed.has(entry))),
          modulePaths: followed.map(({ path }) => path).sort(),
          others,
        },
      ];
    }),
  );
}

/** What a package needs, transitively, without itself: the tests of two packages may need each other's libraries. */
function reach(name: string, needs: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const pending = [...(needs.get(name) ?? [])];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === name || reached.has(next)) continue;
    reached.add(next);
    pending.push(...(needs.get(next) ?? []));
  }
  return reached;
}
