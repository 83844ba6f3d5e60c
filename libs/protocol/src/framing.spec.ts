import { Readable } from 'node:stream';
import { decodeHeader, encodeHeader, MAX_HEADER_BYTES } from './framing.js';

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

describe('the framing of a run request', () => {
  const header = { path: 'ünï code', many: 'x'.repeat(100_000) };
  const whole = Buffer.concat([encodeHeader(header), Buffer.from('the tar that follows')]);

  it.each([1, 3, 4, 5, 1000, whole.length])('is read back from chunks of %d bytes', async (size) => {
    const chunks: Buffer[] = [];
    for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
    const decoded = await decodeHeader(Readable.from(chunks));
    expect(decoded.header).toEqual(header);
    expect(await text(decoded.body)).toBe('the tar that follows');
  });

  it('refuses a stream that ends inside the header', async () => {
    await expect(decodeHeader(Readable.from([whole.subarray(0, 100)]))).rejects.toThrow(RangeError);
    await expect(decodeHeader(Readable.from([]))).rejects.toThrow(RangeError);
  });

  it('refuses an announced header that is larger than any real one, before reading it', async () => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(MAX_HEADER_BYTES + 1);
    await expect(decodeHeader(Readable.from([prefix]))).rejects.toThrow(/announces/);
  });

  it('passes a failure of the connection on to the reader of the body', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield encodeHeader({});
      yield Buffer.from('half');
      await Promise.resolve();
      throw new Error('connection reset');
    }
    const { body } = await decodeHeader(Readable.from(broken()));
    await expect(text(body)).rejects.toThrow('connection reset');
  });
});
