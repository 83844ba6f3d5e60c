import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { ArtifactLostError } from './artifact-errors.js';
import type { ArtifactStore } from './artifact-store.js';

/**
 * Checks the bytes of all artifacts, then packs them: a tar with members named by digest, in the order asked for. If one
 * vanishes while it is sent, the stream breaks, so that no reader takes half an answer for a whole one.
 * @throws ArtifactLostError naming all digests that are not there or whose bytes are damaged.
 */
export async function packArtifacts(store: ArtifactStore, digests: readonly string[]): Promise<Readable> {
  const wanted = [...new Set(digests)];
  const lost: string[] = [];
  for (const sha256 of wanted) if (!(await store.verify(sha256))) lost.push(sha256);
  if (lost.length > 0) throw new ArtifactLostError(lost);
  const tar = pack();
  void fill(tar, store, wanted);
  return Readable.from(tar, { objectMode: false });
}

async function fill(tar: ReturnType<typeof pack>, store: ArtifactStore, digests: readonly string[]): Promise<void> {
  try {
    for (const sha256 of digests) {
      const file = store.pathOf(sha256);
      const { size } = await stat(file);
      const member = tar.entry({ name: sha256, size, mode: 0o600, mtime: new Date(0) });
      await pipeline(createReadStream(file), member as unknown as Writable);
    }
    tar.finalize();
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
