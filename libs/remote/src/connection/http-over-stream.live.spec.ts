import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { exchange } from './http-over-stream.js';

let server: Server;
let peer: Promise<Socket>;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true });
  peer = once(server, 'connection').then(([socket]) => socket as Socket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  (await peer).destroy();
  server.close();
});

async function open(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

function endless(): Readable {
  return new Readable({
    read() {
      setImmediate(() => this.push(Buffer.alloc(16_384)));
    },
  });
}

const refusal = 'HTTP/1.1 507 Insufficient Storage\r\ncontent-length: 8\r\n\r\n{"no":1}';

describe('an exchange over a stream', () => {
  it('keeps a refusal that nobody has read yet when the way there breaks after it', async () => {
    const stream = await open();
    const body = endless();
    const asked = exchange(stream, { method: 'POST', path: '/', body });
    (await peer).write(refusal);
    const { status, body: answer } = await asked;
    // What a peer that reads no further does to a sender.
    stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await new Promise((resolve) => stream.once('close', resolve));
    expect({ status, text: await text(answer) }).toEqual({ status: 507, text: '{"no":1}' });
    expect(body.destroyed).toBe(true);
  });

  it('says of an answer that it broke off, and takes no part of it for the whole', async () => {
    const stream = await open();
    const asked = exchange(stream, { method: 'GET', path: '/' });
    const socket = await peer;
    socket.write(refusal.slice(0, -3));
    const { body } = await asked;
    socket.destroy();
    await expect(text(body)).rejects.toThrow();
  });

  it('ends an answer that is aborted while it comes', async () => {
    const stream = await open();
    const abort = new AbortController();
    const asked = exchange(stream, { method: 'GET', path: '/', signal: abort.signal });
    (await peer).write(refusal.slice(0, -3));
    const { body } = await asked;
    abort.abort(new Error('enough'));
    await expect(text(body)).rejects.toThrow();
    expect(stream.destroyed).toBe(true);
  });

  it('fails with what the body of the request failed with', async () => {
    const body = endless();
    const asked = exchange(await open(), { method: 'POST', path: '/', body });
    setTimeout(() => body.destroy(new Error('the file changed')), 10);
    await expect(asked).rejects.toThrow('the file changed');
  });
});
