import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { PassThrough, pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { encodeHeader, type FileEntry } from '@build-machines/protocol';
import { pack, type Pack } from 'tar-stream';
import { FileChangedWhileSentError, type SourceDisk, WHOLE_FILE_LIMIT } from '@build-machines/sources';

/** A run request on its way. */
export interface ContentBody {
  /**
   * Gzip of header and tar, see framing.ts. Errs with {@link FileChangedWhileSentError} before the end when a file no
   * longer has its digest, so that the agent never sees a complete request with a wrong content.
   */
  readonly stream: Readable;
  /** What has been sent so far; bytes are the files' own, before compression. */
  readonly sent: { files: number; bytes: number };
}

/** Opens the body of a run request: `header`, then the contents of `files`, each named by its digest. */
export function contentBody(
  header: unknown,
  files: readonly FileEntry[],
  workspaceRoot: string,
  disk: SourceDisk,
): ContentBody {
  const sent = { files: 0, bytes: 0 };
  const plain = new PassThrough();
  // Level 1: on a fast link more costs longer than it saves.
  const stream = createGzip({ level: 1 });
  pipeline(plain, stream, () => undefined);
  const archive = pack();
  archive.on('error', () => undefined);
  const send = async () => {
    plain.write(encodeHeader(header));
    pipeline(archive as unknown as Readable, plain, () => undefined);
    for (const file of files) {
      const path = join(workspaceRoot, file.path);
      if (file.size <= WHOLE_FILE_LIMIT) await sendWhole(archive, file, path, disk);
      else await sendStreamed(archive, file, path, disk);
      sent.files += 1;
      sent.bytes += file.size;
    }
    archive.finalize();
  };
  send().catch((error: unknown) => {
    stream.destroy(error as Error);
  });
  // Whoever stops reading ends the member that is waiting for it, and with it the file that is being read.
  stream.once('close', () => archive.destroy(new Error('the request was given up')));
  return { stream, sent };
}

/** Its errors are those of the archive, which whoever waits for the member gets; with nobody waiting they are no news. */
function openMember(archive: Pack, file: FileEntry) {
  const member = archive.entry({ name: file.sha256, size: file.size });
  member.on('error', () => undefined);
  return member;
}

/** A small file is hashed from the very buffer that is sent. */
async function sendWhole(archive: Pack, file: FileEntry, path: string, disk: SourceDisk): Promise<void> {
  const content = await readOrChanged(file, () => disk.read(path));
  if (content.length !== file.size || createHash('sha256').update(content).digest('hex') !== file.sha256)
    throw new FileChangedWhileSentError(file.path);
  const member = openMember(archive, file);
  member.end(content);
  await once(member, 'close');
}

async function sendStreamed(archive: Pack, file: FileEntry, path: string, disk: SourceDisk): Promise<void> {
  const member = openMember(archive, file);
  const hash = createHash('sha256');
  let left = file.size;
  await readOrChanged(file, async () => {
    for await (const chunk of disk.stream(path)) {
      const content = chunk as Buffer;
      left -= content.length;
      if (left < 0) throw new FileChangedWhileSentError(file.path);
      hash.update(content);
      if (!member.write(content)) await once(member, 'drain');
    }
  });
  if (left !== 0 || hash.digest('hex') !== file.sha256) throw new FileChangedWhileSentError(file.path);
  member.end(null);
  await once(member, 'close');
}

/** A file that vanished or can no longer be read has changed. */
async function readOrChanged<T>(file: FileEntry, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') throw new FileChangedWhileSentError(file.path);
    throw error;
  }
}
