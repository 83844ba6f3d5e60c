import { PassThrough, type Readable } from 'node:stream';

/** Content type of a run request: gzip over (4-byte big-endian header length, JSON header, ustar/pax tar of contents). */
export const RUN_REQUEST_CONTENT_TYPE = 'application/vnd.build-machines.run-request';

/** Largest JSON header that an agent accepts, in bytes: a million entries fit. */
export const MAX_HEADER_BYTES = 256 * 1024 * 1024;

/** The length prefix and header that open a run request, before the tar. Tar members are named by their SHA-256. */
export function encodeHeader(header: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(json.length);
  return Buffer.concat([prefix, json]);
}

/**
 * Splits a (decompressed) request into its parsed JSON header and the tar that follows.
 * @throws RangeError when the stream ends early or announces a header above {@link MAX_HEADER_BYTES};
 * SyntaxError when the header is not JSON.
 */
export async function decodeHeader(stream: Readable): Promise<{ header: unknown; body: Readable }> {
  let buffered = Buffer.alloc(0);
  let needed = 4;
  let headerLength: number | undefined;
  const parts: Buffer[] = [];
  const body = new PassThrough();
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let have = 0;
  while (have < needed) {
    const next = await iterator.next();
    if (next.done === true) throw new RangeError('the request ended inside its header');
    parts.push(next.value);
    have += next.value.length;
    if (headerLength === undefined && have >= 4) {
      buffered = Buffer.concat(parts.splice(0));
      headerLength = buffered.readUInt32BE(0);
      if (headerLength > MAX_HEADER_BYTES)
        throw new RangeError(`the request announces a header of ${headerLength} bytes`);
      needed = 4 + headerLength;
      parts.push(buffered);
    }
  }
  buffered = Buffer.concat(parts);
  const header: unknown = JSON.parse(buffered.subarray(4, needed).toString('utf8'));
  void pump(buffered.subarray(needed), iterator, body);
  return { header, body };
}

async function pump(rest: Buffer, iterator: AsyncIterator<Buffer>, into: PassThrough): Promise<void> {
  try {
    if (rest.length > 0) await write(into, rest);
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      await write(into, next.value);
    into.end();
  } catch (error) {
    into.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function write(into: PassThrough, chunk: Buffer): Promise<void> | undefined {
  if (into.write(chunk)) return undefined;
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => () => {
      into.off('drain', drained).off('close', closed);
      done();
    };
    const drained = settle(resolve);
    const closed = settle(() => {
      reject(new Error('the reader of the request went away'));
    });
    into.on('drain', drained).on('close', closed);
  });
}
