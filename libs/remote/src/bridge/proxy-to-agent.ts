import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, BuildMachinesError, drainRequest, type ErrorBody } from '@build-machines/protocol';
import type { AgentRequest, AgentResponse } from '../connection/agent-transport.js';
import { BRIDGE_ERROR } from './bridge-protocol.js';
import type { WarmConnections } from './warm-connections.js';

/** Hop-by-hop (RFC 9110, 7.6.1), or made anew by each side. */
const ownOfEachHop = new Set(['connection', 'host', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer']);

/** Passes a request on to a machine's agent, and its answer back, both as they come. */
export async function proxyToAgent(
  connections: WarmConnections,
  name: string,
  path: string,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort(new Error('the client went away'));
  });
  try {
    const answer = await ask(connections, name, {
      method: request.method === 'GET' ? 'GET' : 'POST',
      path,
      headers: passedOn(request.headers),
      body: request.method === 'GET' ? undefined : bodyOf(request),
      signal: gone.signal,
    });
    response.writeHead(answer.status, passedOn(answer.headers));
    // Headers at once: events may be long in coming.
    response.flushHeaders();
    answer.body.once('error', () => response.destroy());
    answer.body.once('end', () => void endWhenRead(response));
    answer.body.pipe(response, { end: false });
  } catch (error) {
    if (gone.signal.aborted) return;
    sendBridgeError(response, error);
  }
}

/** A connection that died unnoticed is replaced once, as long as nothing of the request's body was used. */
async function ask(connections: WarmConnections, name: string, request: AgentRequest): Promise<AgentResponse> {
  const transport = await connections.get(name);
  try {
    return await transport.request(request);
  } catch (error) {
    const lost = error instanceof BuildMachinesError && error.code === 'connection-lost';
    const used = request.body !== undefined && !Buffer.isBuffer(request.body) && request.body.readableDidRead;
    if (!lost || used) throw error;
    connections.drop(name);
    return (await connections.get(name)).request(request);
  }
}

/** Answers with an error of the way to the machine. */
export function sendBridgeError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(errorBody(error));
  const length = Buffer.byteLength(text);
  const headers = { [BRIDGE_ERROR]: '1', 'content-type': 'application/json', 'content-length': length };
  response.writeHead(502, headers).write(text);
  void endWhenRead(response);
}

/** Ends an answer once its request was read: an answer can come while the client still sends. Never rejects. */
async function endWhenRead(response: ServerResponse): Promise<void> {
  await drainRequest(response.req);
  response.end();
}

/** The wire form of any error. */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof BuildMachinesError) return error.toBody();
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'bridge-internal', message: `The bridge failed: ${message}`, hint: 'See its log.' };
}

function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name, value]) => !ownOfEachHop.has(name) && value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
