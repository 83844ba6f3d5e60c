import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TraitParts } from '@build-machines/protocol';
import { digestOf, type FileDigests } from './file-digests.js';
import { list } from './local-files.js';

const run = promisify(execFile);

/** A compiler that does not describe itself within this time, in milliseconds, does not work. */
const INFO_TIMEOUT_MS = 15_000;

/**
 * The traits of one compiler: its programs by content, what it says about itself, and its package databases, each
 * package by the content of its registration, which has the ABI hash and names libraries and their folders.
 * @param home the home folder of runs, whose user database is read.
 */
export async function compilerTraits(
  ghc: { readonly path: string; readonly version: string },
  { home, env, files }: { home: string; env: NodeJS.ProcessEnv; files: FileDigests },
): Promise<TraitParts> {
  const real = await realpath(ghc.path).catch(() => ghc.path);
  const info = await files
    .derived(real, `info ${ghc.path}`, async () => {
      const { stdout } = await run(ghc.path, ['--info'], { env, timeout: INFO_TIMEOUT_MS, killSignal: 'SIGKILL' });
      return stdout;
    })
    .catch(() => undefined);
  const parts: TraitParts = {};
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) parts[name] = value;
  };
  add('program', await files.bytes(real));
  add('properties', info === undefined ? undefined : digestOf(files.withoutHomes(info)).slice(0, 12));
  const libdir = placeIn(info, 'LibDir');
  if (libdir !== undefined) {
    add('settings', await files.text(join(libdir, 'settings')));
    // Where `ghc` is a script, this is what it starts.
    for (const path of ['bin/ghc', '../bin/ghc', `../bin/ghc-${ghc.version}`])
      add(`program ${path}`, await files.bytes(join(libdir, path)));
  }
  const globalDatabase = placeIn(info, 'Global Package DB');
  if (globalDatabase !== undefined) Object.assign(parts, await packageDatabase(globalDatabase, 'global', files));
  for (const folder of await userFolders(home, ghc.version)) {
    Object.assign(parts, await packageDatabase(join(folder, 'package.conf.d'), 'user', files));
    add('environment file', await files.text(join(folder, 'environments/default')));
  }
  return parts;
}

async function packageDatabase(folder: string, kind: string, files: FileDigests): Promise<TraitParts> {
  const names = (await list(folder)).filter((name) => name.endsWith('.conf'));
  const digests = await Promise.all(names.map((name) => files.text(join(folder, name))));
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const digest = digests[index];
      return digest === undefined ? [] : [[`${kind} library ${name.slice(0, -'.conf'.length)}`, digest]];
    }),
  );
}

/** GHC's own folders of a user, `<arch>-<os>-<version>`, by release in one of two places. */
async function userFolders(home: string, version: string): Promise<string[]> {
  const roots = [join(home, '.ghc'), join(home, '.local/share/ghc')];
  const found = await Promise.all(
    roots.map(async (root) => {
      const ours = (await list(root)).filter((name) =>
        new RegExp(`-${version.replaceAll('.', '\\.')}(-|$)`).test(name),
      );
      return ours.map((name) => join(root, name));
    }),
  );
  return found.flat();
}

/** A folder that `ghc --info` names. */
function placeIn(info: string | undefined, name: string): string | undefined {
  return new RegExp(`\\("${name}","([^"]+)"\\)`).exec(info ?? '')?.[1];
}
