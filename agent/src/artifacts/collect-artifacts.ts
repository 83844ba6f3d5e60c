import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact, ArtifactManifest, ArtifactRequest } from '@build-machines/protocol';
import type { ArtifactStore } from './artifact-store.js';
import { findArtifacts, type FinishedBuild } from './find-artifacts.js';

/** Puts what a run built into the store and lists it. Call it while holding the mirror's lock: nothing may build now. */
export async function collectArtifacts(
  mirrorRoot: string,
  request: ArtifactRequest,
  run: FinishedBuild,
  store: ArtifactStore,
): Promise<ArtifactManifest> {
  const artifacts: Artifact[] = [];
  for (const { file, ...found } of await findArtifacts(join(mirrorRoot, request.projectDir), request, run)) {
    const { mode } = await stat(file);
    artifacts.push({ ...found, ...(await store.add(file)), mode: mode & 0o777 });
  }
  return { version: 1, artifacts };
}
