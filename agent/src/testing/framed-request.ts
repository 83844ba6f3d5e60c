import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { encodeHeader } from '@build-machines/protocol';
import { pack } from 'tar-stream';

/** A tar with members of any name, as honest and dishonest clients send it. */
export function tarOf(members: Iterable<readonly [string, Buffer]>): Readable {
  const tar = pack();
  for (const [name, content] of members) tar.entry({ name }, content);
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

/** The body of `POST /v1/runs`. */
export function framedRequest(header: unknown, members: Iterable<readonly [string, Buffer]>): Readable {
  async function* parts(): AsyncGenerator<Buffer> {
    yield encodeHeader(header);
    for await (const chunk of tarOf(members)) yield chunk as Buffer;
  }
  return Readable.from(parts(), { objectMode: false }).pipe(createGzip());
}
