import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AgentRequest, AgentResponse } from './agent-transport.js';

/** What node:http asks of a socket beyond a duplex stream; a forwarded channel has no use for any of it. */
interface SocketManners {
  setKeepAlive(): void;
  setNoDelay(): void;
  setTimeout(): void;
  ref(): void;
  unref(): void;
  destroySoon(): void;
}

/** Gives a duplex stream the methods that node:http calls on its sockets. */
export function asSocket<T extends Duplex>(stream: T): T & SocketManners {
  const nothing = () => undefined;
  return Object.assign(stream, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => stream.destroy(),
  });
}

/**
 * One HTTP/1.1 exchange over a stream of its own. The stream ends with the answer's body. A refusal that
 * comes before the request body was sent whole ends the sending.
 * @throws whatever the stream or the request body failed with; the signal's reason when it is aborted.
 */
export function exchange(stream: Duplex, request: AgentRequest): Promise<AgentResponse> {
  const { signal, body } = request;
  return new Promise((resolve, reject) => {
    let answered = false;
    const outgoing = httpRequest({
      createConnection: () => asSocket(stream),
      method: request.method,
      path: request.path,
      headers: { host: 'agent', connection: 'close', ...request.headers, ...lengthOf(body) },
    });
    const fail = (error: unknown) => {
      stopSending();
      // With the answer here, what broke is only the way there: destroying the request would throw away what of the
      // answer nobody has read yet. If the way back broke too, the answer's body says so.
      if (answered) return;
      reject(error instanceof Error ? error : new Error(String(error)));
      outgoing.destroy();
      stream.destroy();
    };
    const stopSending = () => {
      if (body === undefined || Buffer.isBuffer(body)) return;
      body.unpipe(outgoing);
      body.destroy();
    };
    const cut = (error: unknown) => {
      fail(error);
      stream.destroy();
    };
    const aborted = () => {
      cut(signal?.reason);
    };
    signal?.addEventListener('abort', aborted, { once: true });
    stream.once('close', () => {
      signal?.removeEventListener('abort', aborted);
      // ssh2 closes a channel without an error when its connection dies; http alone would wait for ever.
      if (!answered) fail(new Error('the connection closed before an answer came'));
    });
    outgoing.once('response', (incoming) => {
      answered = true;
      // An agent answers before it has all only to refuse.
      if ((incoming.statusCode ?? 0) >= 400) stopSending();
      incoming.once('close', () => stream.destroy());
      stream.once('close', () => {
        if (!incoming.complete) incoming.destroy(new Error('the connection closed inside an answer'));
      });
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: incoming });
    });
    // Stays after the answer: a late EPIPE of a request whose refusal we hold is no news.
    outgoing.on('error', fail);
    if (signal?.aborted === true) aborted();
    else if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
    else body.on('error', cut).pipe(outgoing);
  });
}

function lengthOf(body: AgentRequest['body']): Record<string, string> {
  return Buffer.isBuffer(body) ? { 'content-length': String(body.length) } : {};
}
