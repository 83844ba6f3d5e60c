import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { drainRequest, type ErrorBody } from '@build-machines/protocol';

/** Milliseconds between signs of life on an event stream that has nothing to tell. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVE = '{"type":"keepalive"}\n';

export async function answerJson(response: ServerResponse, status: number, body: unknown): Promise<void> {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.write(text);
  await drainRequest(response.req);
  response.end();
}

export function answerError(response: ServerResponse, status: number, error: ErrorBody): Promise<void> {
  return answerJson(response, status, error);
}

/**
 * Streams events as NDJSON, with a sign of life when there is nothing else to send. Waits for a slow reader without
 * reading on, so that nothing piles up in memory.
 * @param chunks whole lines each.
 */
export async function answerEvents(
  response: ServerResponse,
  headers: Record<string, string>,
  chunks: AsyncIterable<Buffer>,
  gone: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', ...headers });
  response.flushHeaders();
  const keepalive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(KEEPALIVE);
  }, KEEPALIVE_MS);
  const draining = drainRequest(response.req);
  try {
    for await (const chunk of chunks) {
      if (gone.aborted) return;
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone }).catch(() => undefined);
    }
    await draining;
    response.end();
  } finally {
    clearInterval(keepalive);
  }
}

/** Answers with one line of JSON, and resolves when the client has closed the connection. */
export async function answerWhileConnected(response: ServerResponse, body: unknown, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return;
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.write(`${JSON.stringify(body)}\n`);
  await once(gone, 'abort');
}

/** Aborted when the client of a response went away before its end. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    controller.abort(new Error('the client went away'));
  });
  return controller.signal;
}
