import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { HubConnection } from './hub-connection.js';

describe("an answer that is no hub's", () => {
  let server: Server;
  let status = 200;
  beforeAll(async () => {
    server = createServer((_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
  });
  const asked = () =>
    new HubConnection({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }).json(z.unknown(), '/');

  it.each([502, 503, 504])('is one that may be back in a moment, with status %d', async (code) => {
    status = code;
    await expect(asked()).rejects.toMatchObject({ code: 'hub-unreachable' });
  });

  it.each([404, 500])('is another program, with status %d', async (code) => {
    status = code;
    await expect(asked()).rejects.toMatchObject({ code: 'hub-answer-unreadable' });
  });
});
