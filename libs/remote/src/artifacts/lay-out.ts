import { link, chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyToOwn, moveOwn } from '@build-machines/owned-files';
import type { Artifact } from '@build-machines/protocol';
import type { LocalContent } from './local-content.js';

/** How many bytes the new files take of the disk, what has to come included: a file that only moves costs none. */
export function bytesToWrite(place: readonly Artifact[], local: LocalContent): number {
  return place.reduce((sum, artifact) => sum + (movesFrom(artifact, local) === undefined ? artifact.size : 0), 0);
}

/**
 * Lays out new files from what came and what was here. What came is moved where it is needed last: no byte is there
 * twice.
 */
export async function layOut(
  { tree, received }: { readonly tree: string; readonly received: string },
  place: readonly Artifact[],
  local: LocalContent,
): Promise<void> {
  const lastUse = new Map(place.map((artifact) => [artifact.sha256, artifact]));
  for (const artifact of place) {
    const to = join(tree, artifact.path);
    await mkdir(dirname(to), { recursive: true });
    const here = local.byDigest.get(artifact.sha256);
    const came = join(received, artifact.sha256);
    const moved = movesFrom(artifact, local);
    if (moved !== undefined) await linkOrCopy(moved, to);
    else if (here === undefined && lastUse.get(artifact.sha256) === artifact) await moveOwn(came, to);
    else await copyToOwn(here?.path ?? came, to);
    await chmod(to, artifact.mode);
  }
}

/** The file here that has a new file's content and mode and does not stay where it is: it may become the new one. */
function movesFrom({ sha256, mode }: Artifact, { byDigest }: LocalContent): string | undefined {
  const here = byDigest.get(sha256);
  return here?.mode === mode && !here.stays ? here.path : undefined;
}

/** Two names for one file are safe: the old name goes when the new one is in place. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    // The file system has no links (or no more of them): a copy is as good.
    await copyToOwn(from, to);
  }
}
