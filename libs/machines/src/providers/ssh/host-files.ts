import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { posix } from 'node:path';
import { pack } from 'tar-stream';

/** A file to be on the host. */
export interface HostFile {
  /** Absolute path there. */
  readonly path: string;
  readonly content: string | Buffer;
  readonly mode: number;
}

/** SHA-256 of a content, in hexadecimal. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Digest of all that shall be installed: path, mode and content of each file, and whatever else counts. */
export function filesDigest(files: readonly HostFile[], further: unknown): string {
  const lines = files.map(({ path, mode, content }) => [path, mode, sha256(content)]);
  return sha256(JSON.stringify([lines, further]));
}

/** The files of one folder as a tar stream, names relative to it. */
export async function packFiles(folder: string, files: readonly HostFile[]): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  for (const { path, content, mode } of files) archive.entry({ name: posix.relative(folder, path), mode }, content);
  archive.finalize();
  return whole;
}
