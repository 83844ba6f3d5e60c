import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Sha256, type FileEntry, type TreeEntry } from '@build-machines/protocol';
import { extract } from 'tar-stream';
import { writeVerified } from '../content/copy-verified.js';
import { RequestMalformedError } from '../server/agent-error.js';
import { ContentChangedError, PathRefusedError } from './mirror-errors.js';

/** What came with a request. */
export interface Received {
  readonly files: number;
  readonly bytes: number;
  readonly digests: ReadonlySet<string>;
}

/**
 * Unpacks the contents of a request into a folder, each under its digest. Members are named by digest and nothing else,
 * so no name of the wire ever becomes a path; sizes must be those that the entries announced, so that a small stream
 * cannot unpack into a full disk. Contents that no entry wants are skipped.
 * @throws ContentChangedError, PathRefusedError, RequestMalformedError
 */
export async function receiveContents(tar: Readable, entries: readonly TreeEntry[], folder: string): Promise<Received> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const wanted = new Map<string, FileEntry>();
  for (const entry of entries) if (entry.kind === 'file' && !wanted.has(entry.sha256)) wanted.set(entry.sha256, entry);
  const digests = new Set<string>();
  let bytes = 0;
  const unpacked = extract();
  tar.on('error', (error) => unpacked.destroy(error));
  tar.pipe(unpacked);
  for await (const member of unpacked) {
    const { name, type, size } = member.header;
    if (!Sha256.safeParse(name).success) throw new PathRefusedError(name, 'contents are named by their digest.');
    if (type !== 'file') throw new RequestMalformedError(`the content ${name} is sent as a ${String(type)}.`);
    const entry = wanted.get(name);
    if (entry === undefined || digests.has(name)) {
      member.resume();
      continue;
    }
    if (size !== entry.size) throw new ContentChangedError(entry.path);
    if (!(await writeVerified(member as unknown as Readable, join(folder, name), entry)))
      throw new ContentChangedError(entry.path);
    digests.add(name);
    bytes += entry.size;
  }
  return { files: digests.size, bytes, digests };
}
