import { copyFile, constants, link, chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Artifact } from '@build-machines/protocol';
import type { LocalContent } from './local-content.js';

/** A folder beside the destination, on the same file system, in which the new state is made ready. */
export interface Staging {
  readonly folder: string;
  /** The new tree. */
  readonly tree: string;
  /** Contents by digest, as they came. */
  readonly received: string;
  readonly destination: string;
}

/** Makes the staging folder, and removes what processes that died left of theirs. */
export async function openStaging(destination: string): Promise<Staging> {
  const parent = dirname(destination);
  const prefix = `.${basename(destination)}.fetch-`;
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent))
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length).split('-')[0])))
      await rm(join(parent, name), { recursive: true, force: true });
  const folder = await mkdtemp(join(parent, `${prefix}${String(process.pid)}-`));
  const staging = { folder, tree: join(folder, 'tree'), received: join(folder, 'received'), destination };
  await mkdir(staging.tree);
  await mkdir(staging.received);
  return staging;
}

/** How many bytes the new tree takes of the disk, what has to come included: a file that was here costs none. */
export function bytesToWrite(artifacts: readonly Artifact[], { byDigest }: LocalContent): number {
  return artifacts.reduce((sum, { sha256, mode, size }) => sum + (byDigest.get(sha256)?.mode === mode ? 0 : size), 0);
}

/** Lays out the new tree from what came and what was here. What came is moved where it is needed last: no byte is there twice. */
export async function layOut(staging: Staging, artifacts: readonly Artifact[], local: LocalContent): Promise<void> {
  const lastUse = new Map(artifacts.map((artifact) => [artifact.sha256, artifact]));
  for (const artifact of artifacts) {
    const to = join(staging.tree, artifact.path);
    await mkdir(dirname(to), { recursive: true });
    const here = local.byDigest.get(artifact.sha256);
    const received = join(staging.received, artifact.sha256);
    if (here?.mode === artifact.mode) await linkOrCopy(here.path, to);
    else if (here === undefined && lastUse.get(artifact.sha256) === artifact) await rename(received, to);
    else await copyFile(here?.path ?? received, to, constants.COPYFILE_FICLONE);
    await chmod(to, artifact.mode);
  }
}

/**
 * Puts the new tree in the destination's place by two renames. When the second fails the first is undone, so the
 * destination is the old or the new tree as a whole.
 */
export async function putInPlace({ tree, folder, destination }: Staging): Promise<void> {
  const old = join(folder, 'old');
  let hadOld = true;
  try {
    await rename(destination, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    hadOld = false;
  }
  try {
    await rename(tree, destination);
  } catch (error) {
    if (hadOld) await rename(old, destination);
    throw error;
  }
}

/** Two names for one file are safe: the old name goes when the new tree is in place. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    // The file system has no links (or no more of them): a copy is as good.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
