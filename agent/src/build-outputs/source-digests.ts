import { createHash } from 'node:crypto';
import { treeDigest, type ReusedPackage, type TreeEntry } from '@build-machines/protocol';
import type { Manifest } from '../mirrors/manifest.js';
import { ancestors } from '../mirrors/scope-matcher.js';

/** Modules, in whatever form the compiler or a preprocessor takes them. Build tools follow all changes of theirs. */
const MODULE = /\.(?:hs|lhs|hsig|hs-boot|lhs-boot|hsc|chs|x|y|ly|cpphs)$/;

/** Whether a path is that of a module's source. */
export function isModule(path: string): boolean {
  return MODULE.test(path);
}

/** Entries of a manifest by the package whose sources they are; one outside of all packages' own can be of several. */
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
    for (const owner of owners) found.get(owner)?.push(entry);
  }
  return found;
}

/** What a package's digest is made of besides the environment. */
interface TreeDigests {
  /** Of its files other than modules. */
  readonly own: string;
  /** Of all files of the packages that it needs, with their names. */
  readonly others: readonly (readonly [string, string])[];
}

/** By manifest and packages: a manifest never changes, and mostly the same targets run again and again. */
const remembered = new WeakMap<Manifest, Map<string, ReadonlyMap<string, TreeDigests>>>();

/**
 * For each package, the digest of what can change its outputs without its build tool noticing: the environment, its files
 * other than modules, and all files of the packages that it needs, however far.
 */
export function unwatchedDigests(
  manifest: Manifest,
  packages: readonly ReusedPackage[],
  env: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const known = remembered.get(manifest) ?? new Map<string, ReadonlyMap<string, TreeDigests>>();
  remembered.set(manifest, known);
  const key = JSON.stringify(packages);
  const trees = known.get(key) ?? treeDigests(packages, entriesByPackage(manifest, packages));
  known.set(key, trees);
  const environment = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    [...trees].map(([name, { own, others }]) => {
      const all = JSON.stringify([environment, own, others]);
      return [name, createHash('sha256').update(all).digest('hex')];
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
    packages.map(({ name }) => {
      const others = [...reach(name, needs)].sort().flatMap((other): [string, string][] => {
        const digest = whole.get(other);
        return digest === undefined ? [] : [[other, digest]];
      });
      const own = treeDigest((entries.get(name) ?? []).filter(({ path }) => !isModule(path)));
      return [name, { own, others }];
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
