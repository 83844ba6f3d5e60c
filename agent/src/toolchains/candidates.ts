import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolName } from '@build-machines/protocol';

/** An executable that looks like a tool by its name; whether it is one shows when it is asked for its version. */
export interface Candidate {
  readonly tool: ToolName;
  readonly path: string;
}

/** File names under which each tool is found; a version may follow. */
const NAMES: readonly [ToolName, RegExp][] = [
  ['ghc', /^ghc(-\d+(\.\d+)*)?$/],
  ['cabal', /^cabal(-\d+(\.\d+)*)?$/],
  ['stack', /^stack(-\d+(\.\d+)*)?$/],
  ['haskell-language-server', /^haskell-language-server(-wrapper(-\d+(\.\d+)*)?|-\d+(\.\d+)*)$/],
];

/**
 * Where compilers live: explicit paths first, then GHCup's layout below each home, the layout of hvr's packages in /opt,
 * and the search path. Earlier ones win where two are the same version.
 * @param homes home folders whose `.ghcup` is looked into.
 * @param opt folder of `ghc/<version>/bin` and `cabal/<version>/bin`, `/opt`.
 */
export function findCandidates(places: {
  explicit: readonly Candidate[];
  homes: readonly string[];
  opt: string;
  path: readonly string[];
}): Candidate[] {
  const folders = [
    ...places.homes.flatMap((home) => [
      join(home, '.ghcup/bin'),
      ...versionFolders(join(home, '.ghcup/ghc')),
      ...versionFolders(join(home, '.ghcup/hls')),
    ]),
    ...versionFolders(join(places.opt, 'ghc')),
    ...versionFolders(join(places.opt, 'cabal')),
    ...places.path,
  ];
  return [...places.explicit, ...folders.flatMap(toolsIn)];
}

function versionFolders(folder: string): string[] {
  return list(folder).map((version) => join(folder, version, 'bin'));
}

function toolsIn(folder: string): Candidate[] {
  return list(folder).flatMap((name) => {
    const tool = NAMES.find(([, pattern]) => pattern.test(name))?.[0];
    return tool === undefined ? [] : [{ tool, path: join(folder, name) }];
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // Not there, or not readable for us: then there is nothing to find in it.
    return [];
  }
}
