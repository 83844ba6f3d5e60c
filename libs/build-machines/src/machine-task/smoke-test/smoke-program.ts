import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Folder of the program in the workspace that is made for it, and name of its package and executable. */
export const SMOKE_PACKAGE = 'smoke-test';

const CABAL_FILE = `cabal-version: 2.4
name: ${SMOKE_PACKAGE}
version: 0
build-type: Simple

executable ${SMOKE_PACKAGE}
  main-is: Main.hs
  build-depends: base
  default-language: Haskell2010
`;

/**
 * Writes a package whose program needs a linked gmp (a large Integer) and prints `word`. Each word is another program:
 * no machine can answer from what it built before.
 * @param folder the workspace that is synced; the package is a folder in it.
 * @param word letters, digits and dashes only, because it becomes Haskell source.
 * @returns what the program prints.
 */
export async function writeSmokeProgram(folder: string, word: string): Promise<string> {
  if (!/^[A-Za-z0-9-]+$/.test(word)) throw new RangeError(`"${word}" cannot stand in Haskell source`);
  const source = `module Main (main) where

main :: IO ()
main = putStrLn ("${word} " ++ show ((2 :: Integer) ^ (200 :: Int)))
`;
  const at = join(folder, SMOKE_PACKAGE);
  await mkdir(at, { recursive: true, mode: 0o700 });
  await writeFile(join(at, `${SMOKE_PACKAGE}.cabal`), CABAL_FILE);
  await writeFile(join(at, 'cabal.project'), 'packages: .\n');
  await writeFile(join(at, 'Main.hs'), source);
  return `${word} ${2n ** 200n}`;
}
