import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { type Artifact, BuildMachinesError } from '@build-machines/protocol';
import { extract } from 'tar-stream';
import { ConnectionLostError } from '../connection/connection-errors.js';
import { ArtifactCorruptError } from './artifact-errors.js';

/** Around a member of a tar: its header, its padding, and a header more for a size that the first cannot hold. */
const MEMBER_OVERHEAD_BYTES = 4 * 1024;

/**
 * Writes the members of a tar, each named by its digest, into `folder` under that name, and verifies each. Members that
 * nobody asked for are refused, and so is a tar that is longer than what was asked for.
 * @param onBytes called with the number of bytes of each chunk, before it is written; @param onDone called with each digest that is in place
 * @throws ArtifactCorruptError; ConnectionLostError when the tar breaks off.
 */
export async function receiveArtifacts(
  machine: string,
  tar: Readable,
  wanted: ReadonlyMap<string, Artifact>,
  {
    folder,
    onBytes,
    onDone,
  }: {
    readonly folder: string;
    readonly onBytes: (count: number) => Promise<void>;
    readonly onDone: (digest: string) => void;
  },
): Promise<void> {
  const asked = new Map(wanted);
  let allowance = 0;
  for (const { size } of asked.values()) allowance += size + MEMBER_OVERHEAD_BYTES;
  const members = extract();
  tar.once('error', (error) => members.destroy(error));
  tar.once('close', () => {
    if (!tar.readableEnded) members.destroy(new Error('the answer broke off'));
  });
  tar.on('data', ({ length }: Buffer) => {
    if ((allowance -= length) < -MEMBER_OVERHEAD_BYTES)
      members.destroy(new ArtifactCorruptError(machine, 'it sends more than was asked for'));
  });
  tar.pipe(members as unknown as NodeJS.WritableStream);
  try {
    for await (const member of members) {
      const { name, size } = member.header;
      const artifact = asked.get(name);
      if (artifact === undefined) throw new ArtifactCorruptError(machine, `it sent "${name}", which was not asked for`);
      if (size !== artifact.size)
        throw new ArtifactCorruptError(
          machine,
          `${artifact.path} has ${String(size)} bytes instead of ${String(artifact.size)}`,
        );
      await writeVerified(machine, member, artifact, join(folder, name), onBytes);
      asked.delete(name);
      onDone(name);
    }
  } catch (error) {
    if (error instanceof BuildMachinesError || isLocalFailure(error)) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new ConnectionLostError({ name: machine, sshHost: '', sshPort: 0 }, what, error);
  } finally {
    tar.destroy();
  }
  const [lacking] = asked.values();
  if (lacking !== undefined) throw new ArtifactCorruptError(machine, `${lacking.path} did not come`);
}

async function writeVerified(
  machine: string,
  member: AsyncIterable<unknown>,
  artifact: Artifact,
  path: string,
  onBytes: (count: number) => Promise<void>,
): Promise<void> {
  const hash = createHash('sha256');
  // Truncates: an earlier connection may have broken off inside this very member.
  const file = await open(path, 'w', 0o600);
  const writer = file.createWriteStream();
  try {
    for await (const chunk of member) {
      const content = chunk as Buffer;
      hash.update(content);
      await onBytes(content.length);
      if (!writer.write(content)) await once(writer, 'drain');
    }
    writer.end();
    await finished(writer);
  } finally {
    writer.destroy();
  }
  if (hash.digest('hex') !== artifact.sha256)
    throw new ArtifactCorruptError(machine, `${artifact.path} does not have its digest`);
}

/** An error of our own disk (full, read-only), which no new connection mends. */
function isLocalFailure(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined && ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EIO'].includes(code ?? '');
}
