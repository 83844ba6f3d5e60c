import { createHash } from 'node:crypto';
import type { CabalPackage, Component } from '../package/cabal-package.js';

/**
 * Whether hpack would replace this *.cabal file: it has made the file, and nobody has edited it since as far as the file
 * itself can tell (`hpack --hash` writes a hash of the rest into it).
 */
export function isMadeByHpack(cabalText: string): boolean {
  const lines = cabalText.split('\n');
  const header = lines.findIndex((line) =>
    line.startsWith('-- This file has been generated from package.yaml by hpack'),
  );
  if (header === -1) return false;
  const hashLine = lines.findIndex((line, index) => index > header && line.startsWith('-- hash: '));
  if (hashLine === -1) return true;
  const hashed = [...lines.slice(0, header).filter((line) => line !== ''), ...lines.slice(hashLine + 1)].join('\n');
  return lines[hashLine] === `-- hash: ${createHash('sha256').update(hashed).digest('hex')}`;
}

/**
 * Whether a package.yaml says something else than the *.cabal file that hpack has made of it: its version, its components,
 * what they depend on, where their sources are, their extensions and options.
 */
export function saysOtherwise(yaml: CabalPackage, cabal: CabalPackage): boolean {
  return JSON.stringify(essence(yaml)) !== JSON.stringify(essence(cabal));
}

function essence({ name, version, buildType, components, flags }: CabalPackage): unknown {
  return [name, version, buildType, sorted(flags), sorted(components.map(componentEssence))];
}

function componentEssence({ kind, name, dependencies, sourceDirs, extensions, options }: Component): string {
  const needed = dependencies.map(({ package: pkg, libraries, range }) => [
    pkg,
    ...libraries,
    range.replace(/\s+/g, ''),
  ]);
  const said = [needed.map((one) => one.join(' ')), sourceDirs.map(plainFolder), extensions, options];
  return JSON.stringify([kind, name, ...said.map(sorted)]);
}

function plainFolder(folder: string): string {
  return folder.replace(/^\.\/(?=.)|(?<=.)\/$/g, '');
}

function sorted(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}
