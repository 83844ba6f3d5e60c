import { type AddressInfo, connect } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { request } from 'undici';
import { installBodyDeadline } from './body-deadline.js';

describe('the time that a body may take', () => {
  let app: FastifyInstance;
  let port: number;
  beforeEach(async () => {
    app = fastify();
    installBodyDeadline(app, 50);
    app.post('/echo', (message) => message.body);
    app.get('/slow', () => new Promise((resolve) => setTimeout(resolve, 200, { slow: true })));
    await app.listen({ host: '127.0.0.1', port: 0 });
    ({ port } = app.server.address() as AddressInfo);
  });
  afterEach(() => app.close());

  it('ends the connection of whoever sends it drop by drop', async () => {
    const attacker = connect(port, '127.0.0.1');
    attacker.on('error', () => undefined); // Cut off while it writes: as it shall be.
    attacker.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n');
    const dripping = setInterval(() => attacker.write(' '), 5);
    // Not `once` of node:events, which rejects when the connection is reset before it is closed.
    await new Promise((resolve) => attacker.once('close', resolve));
    clearInterval(dripping);
  });

  it('does not touch answers that take long, nor bodies that have arrived', async () => {
    const slow = request(`http://127.0.0.1:${port}/slow`);
    const echo = request(`http://127.0.0.1:${port}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await (await echo).body.json()).toEqual({ a: 1 });
    expect(await (await slow).body.json()).toEqual({ slow: true });
  });
});
