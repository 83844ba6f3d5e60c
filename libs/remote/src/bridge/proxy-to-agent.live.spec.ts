import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { AgentTransport } from '../connection/agent-transport.js';
import { proxyToAgent, sendBridgeError } from './proxy-to-agent.js';
import type { WarmConnections } from './warm-connections.js';

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Serves `handler`, and sends the head of an upload to it. */
async function upload(handler: Parameters<typeof createServer>[1] & object): Promise<Socket> {
  server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: agent\r\nconnection: close\r\ncontent-length: 8388608\r\n\r\n');
  return socket;
}

/** What comes back while nothing more is sent; then sends the rest, slowly, as a client does that looks up late. */
async function answerOf(socket: Socket): Promise<string> {
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('utf8')));
  while (!answer.includes('{"code"')) await once(socket, 'data');
  for (let sent = 0; sent < 8_388_608; sent += 65_536) {
    await new Promise<void>((resolve, reject) =>
      socket.write(Buffer.alloc(65_536), (error) => {
        if (error) reject(error);
        else resolve();
      }),
    );
  }
  await once(socket, 'close');
  return answer;
}

describe('an answer that comes before the request was sent whole', () => {
  it('of the agent reaches its client, whose sending does not break', async () => {
    const body = () => Readable.from([Buffer.from('{"code":"disk-full"}')]);
    const agent = {
      request: async ({ body: request }: { body: Readable }) => {
        request.destroy(); // As the exchange with an agent does on a refusal.
        return Promise.resolve({ status: 507, headers: { 'content-length': '20' }, body: body() });
      },
    } as unknown as AgentTransport;
    const connections = { get: () => Promise.resolve(agent) } as unknown as WarmConnections;
    const socket = await upload(
      (request, response) => void proxyToAgent(connections, 'm', '/v1/runs', { request, response }),
    );
    expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 507 [^]*{"code":"disk-full"}$/);
  });

  it('of the bridge itself reaches its client, whose sending does not break', async () => {
    const socket = await upload((_, response) => {
      sendBridgeError(response, new Error('no way'));
    });
    expect(await answerOf(socket)).toMatch(/^HTTP\/1.1 502 [^]*{"code":"bridge-internal"[^]*}$/);
  });
});
