import type { FastifyReply } from 'fastify';

/** Comments sent when nothing else is: proxies and tunnels close what is silent. */
const KEEPALIVE_MS = 15_000;

/** One event of a stream. */
export interface ServerSentEvent {
  readonly event?: string;
  readonly id?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/** The writing end of one server-sent event stream (HTML Living Standard, section 9.2). */
export class EventStream {
  readonly #reply: FastifyReply;
  readonly #keepalive: NodeJS.Timeout;
  readonly #closed = new AbortController();

  /** Takes the reply over; the caller sends nothing else on it. */
  constructor(reply: FastifyReply) {
    this.#reply = reply;
    const headers = reply.getHeaders();
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(headers as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'keep-alive',
    });
    reply.raw.write('retry: 2000\n\n');
    this.#keepalive = setInterval(() => reply.raw.write(': keepalive\n\n'), KEEPALIVE_MS);
    this.#keepalive.unref();
    reply.raw.once('close', () => {
      clearInterval(this.#keepalive);
      this.#closed.abort();
    });
  }

  /** Aborted when either side closed the stream. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Bytes that the reader has not taken yet. */
  get backlog(): number {
    return this.#reply.raw.writableLength;
  }

  /** Sends an event; resolves when the reader may be sent more. */
  async send({ event, id, data }: ServerSentEvent): Promise<void> {
    if (this.closed.aborted) return;
    const lines = [
      ...(event === undefined ? [] : [`event: ${event}`]),
      ...(id === undefined ? [] : [`id: ${id}`]),
      `data: ${JSON.stringify(data)}`,
    ];
    if (this.#reply.raw.write(`${lines.join('\n')}\n\n`)) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.#reply.raw.off('drain', settle);
        this.closed.removeEventListener('abort', settle);
        resolve();
      };
      this.#reply.raw.once('drain', settle);
      this.closed.addEventListener('abort', settle, { once: true });
    });
  }

  close(): void {
    this.#reply.raw.end();
  }
}
