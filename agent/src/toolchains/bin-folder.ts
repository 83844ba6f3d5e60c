import { createHash } from 'node:crypto';
import { access, chmod, constants, mkdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ResolvedToolchain } from '@build-machines/protocol';
import { writeDurably } from '../durable/write-durably.js';

/** Programs that come with each GHC and must be those of the same GHC. */
const COMPANIONS = ['ghc-pkg', 'ghci', 'runghc', 'runhaskell', 'haddock', 'hsc2hs', 'hpc'];

/**
 * Makes a folder in which the plain names (`ghc`, `ghc-pkg`, `cabal`, …) are exactly the tools of a toolchain. First in
 * PATH, it makes cabal, Custom setups and hooks use that compiler whatever else is installed. The entries are scripts that
 * exec the tool, not links, since GHC's own scripts and cabal's search for ghc-pkg look at the name they are called by.
 * @returns its absolute path.
 */
export async function toolchainBinFolder(stateDir: string, toolchain: ResolvedToolchain): Promise<string> {
  const tools = new Map<string, string>();
  if (toolchain.cabal !== undefined) tools.set('cabal', toolchain.cabal.path);
  if (toolchain.ghc !== undefined) {
    const { path, version } = toolchain.ghc;
    tools.set('ghc', path);
    tools.set(`ghc-${version}`, path);
    for (const companion of COMPANIONS) {
      const beside = await findBeside(path, version, companion);
      if (beside === undefined) continue;
      tools.set(companion, beside);
      tools.set(`${companion}-${version}`, beside);
    }
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([...tools]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(stateDir, 'toolchains', digest, 'bin');
  // Two runs that begin at once would write the same files: the second waits for the first, and finds them.
  const made = (foldersInTheMaking.get(folder) ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => writeWrappers(folder, tools));
  foldersInTheMaking.set(folder, made);
  try {
    await made;
  } finally {
    if (foldersInTheMaking.get(folder) === made) foldersInTheMaking.delete(folder);
  }
  return folder;
}

/** Folders that are being made. */
const foldersInTheMaking = new Map<string, Promise<void>>();

async function writeWrappers(folder: string, tools: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const [name, target] of tools) await writeWrapper(join(folder, name), target);
}

/** A companion is taken from the compiler's real folder first; a bare name beside a versioned link may be another GHC's. */
async function findBeside(ghc: string, version: string, companion: string): Promise<string | undefined> {
  const real = dirname(await realpath(ghc));
  const here = dirname(ghc);
  const bareIsOurs = basename(ghc) === 'ghc' || here === real;
  const candidates = [
    join(here, `${companion}-${version}`),
    join(here, `${companion}-ghc-${version}`),
    join(real, `${companion}-${version}`),
    join(real, companion),
    ...(bareIsOurs ? [join(here, companion)] : []),
  ];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run by us.
    return false;
  }
}

async function writeWrapper(file: string, target: string): Promise<void> {
  const script = `#!/bin/sh\nexec '${target.replaceAll("'", `'\\''`)}' "$@"\n`;
  if ((await readFile(file, 'utf8').catch(() => '')) === script) return;
  await writeDurably(file, script, 0o755);
  await chmod(file, 0o755);
}
