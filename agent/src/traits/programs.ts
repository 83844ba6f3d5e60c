import { basename, join } from 'node:path';
import type { TraitParts } from '@build-machines/protocol';
import type { FileDigests } from './file-digests.js';
import { list } from './local-files.js';

/** Programs that cabal, GHC and the usual Setup scripts look for on the PATH, besides the compiler and its companions. */
const KNOWN = [
  ...[
    'gcc',
    'g++',
    'cc',
    'clang',
    'as',
    'ld',
    'ld.gold',
    'ld.lld',
    'ar',
    'ranlib',
    'strip',
    'llc',
    'opt',
    'pkg-config',
  ],
  ...['alex', 'happy', 'c2hs', 'hsc2hs', 'cpphs', 'greencard', 'HsColour', 'hpack'],
  ...['hspec-discover', 'tasty-discover', 'doctest', 'doctest-discover', 'markdown-unlit'],
];

/** Programs that belong to a compiler or are tools of a run: they have traits of their own. */
const OWN_TRAITS =
  /^(ghc|ghci|ghc-pkg|ghcup|haddock|hpc|runghc|runhaskell|cabal|stack|haskell-language-server.*)(-[\d.]+)?$/;

/**
 * The programs that builds start, by content: of each name the one that the PATH finds first. Of a folder of cabal's
 * own (`~/.cabal/bin`), where people put the tools of their builds, all programs count.
 */
export async function buildPrograms(path: readonly string[], files: FileDigests): Promise<TraitParts> {
  const parts: TraitParts = {};
  const cabals = await Promise.all(path.filter((folder) => folder.endsWith('/.cabal/bin')).map(list));
  const names = new Set([...KNOWN, ...cabals.flat().filter((name) => !OWN_TRAITS.test(name))]);
  for (const name of names) {
    for (const folder of path) {
      const file = join(folder, name);
      const digest = await files.bytes(file);
      if (digest === undefined) continue;
      parts[`program ${basename(file)}`] = digest;
      break;
    }
  }
  return parts;
}
