import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';

/** How long the rest of a refused upload is read and thrown away, in milliseconds. */
const DRAIN_MS = 60_000;

/**
 * Reads what a client still sends after its answer is decided. Closing the connection instead would reset it, and the
 * client might never see the answer (RFC 9112, 9.6). Resolves when the request has ended, or its time is over.
 */
export async function drainRequest(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.resume();
  const ended = Promise.race([once(request, 'end'), once(request, 'close')]);
  await Promise.race([ended, once(request, 'end', { signal: AbortSignal.timeout(DRAIN_MS) })]).catch(() => undefined);
}

/**
 * The body of a request as a stream that may be given up: destroying the request itself, as a pipeline that fails does,
 * would end the connection on which the answer must still go. Then {@link drainRequest} reads the rest.
 */
export function bodyOf(request: IncomingMessage): PassThrough {
  const body = new PassThrough();
  request.once('error', (error) => body.destroy(error));
  return request.pipe(body);
}
