import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ADMIN_TOKEN, HubRig } from './hub-rig.js';
import type { HubUnderTest } from './catalog-contract.js';

/** What the minimal hub tells of an entry; the embedded hub's other fields are withheld. */
const TOLD = ['name', 'capability_type', 'tunnel_port', 'toolchains', 'labels', 'slots'];

/**
 * The embedded hub restricted to all that is known of another State Hub: `GET` and `POST /capability-catalog/`, entries
 * without states and times, and with fields that we know nothing of. Every other request is 404.
 */
export async function startMinimalHub(): Promise<HubUnderTest> {
  const rig = await HubRig.start();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const [path = '', query] = (request.url ?? '').split('?');
    if (path !== '/capability-catalog/' || !['GET', 'POST'].includes(request.method ?? '')) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"Not Found"}');
      return;
    }
    const upstream = await fetch(`${rig.url}${path}${query === undefined ? '' : `?${query}`}`, {
      method: request.method ?? 'GET',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      ...(request.method === 'POST' ? { body: await buffer(request) } : {}),
    });
    const body: unknown = await upstream.json();
    response
      .writeHead(upstream.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(Array.isArray(body) ? body.map(restrict) : { stored: true }));
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 'ignored',
    async close() {
      server.closeAllConnections();
      server.close();
      await rig.close();
    },
  };
}

function restrict(entry: unknown): unknown {
  const known = Object.entries(entry as Record<string, unknown>).filter(([field]) => TOLD.includes(field));
  return { ...Object.fromEntries(known), custodian: { since: 2025 }, capability_version: 'x' };
}
