import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { removeFile } from '@build-machines/owned-files';

/**
 * Writes a stream to a new file and checks what was written.
 * @param expected digest and size that the content must have; more bytes than `size` are never written.
 * @returns whether the content was the expected one; if not, the file is removed again.
 */
export async function writeVerified(
  source: Readable,
  destination: string,
  expected: { sha256: string; size: number },
): Promise<boolean> {
  const hash = createHash('sha256');
  let written = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      written += chunk.length;
      if (written > expected.size) {
        done(new TooLongError());
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(source, check, createWriteStream(destination, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    await removeFile(destination);
    if (error instanceof TooLongError) return false;
    throw error;
  }
  if (written === expected.size && hash.digest('hex') === expected.sha256) return true;
  await removeFile(destination);
  return false;
}

/** Copies a file, checking its content on the way; see {@link writeVerified}. */
export function copyVerified(
  source: string,
  destination: string,
  expected: { sha256: string; size: number },
): Promise<boolean> {
  return writeVerified(createReadStream(source), destination, expected);
}

class TooLongError extends Error {}
