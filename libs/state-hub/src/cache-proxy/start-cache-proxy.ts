import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { bodyOf, drainRequest } from '@build-machines/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { Agent } from 'undici';
import { bearerSecret } from '../auth/authenticate.js';
import { sameHash, secretHash } from '../auth/token-secret.js';
import { hostName } from '../http/request-origin.js';
import { CacheProxyOptions, type CacheProxyOptionsInput } from './proxy-options.js';
import { Spool, type SpooledRecord } from './spool.js';
import { Upstream, UpstreamFaultError } from './upstream.js';

/** A proxy that answers. */
export interface RunningCacheProxy {
  /** For NX_SELF_HOSTED_REMOTE_CACHE_SERVER. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a cache proxy on loopback: what Nx talks to instead of the hub. Nx gives a cache no time limit, and a fault of
 * the cache fails the whole run; so here a hub that is slow, down or cut off in the middle is a miss (404) on reading
 * and a shrug (200) on writing. A record reaches Nx only after it has arrived whole and was checked: half a record is a
 * miss, never a hit.
 */
export async function startCacheProxy(
  input: CacheProxyOptionsInput & { logger?: FastifyBaseLogger; signal?: AbortSignal },
): Promise<RunningCacheProxy> {
  const { logger, signal, ...rest } = input;
  const options = CacheProxyOptions.parse(rest);
  const spool = new Spool(options.spoolFolder);
  await spool.open();
  const agent = new Agent({ connect: { timeout: options.answerMs } });
  const proxy = new CacheProxy(options, spool, new Upstream(options, agent), logger);
  const server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
    void proxy.answer(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await agent.destroy();
    await spool.remove();
  };
  const closeOnce = () => (closing ??= close());
  signal?.addEventListener('abort', () => void closeOnce(), { once: true });
  return { url: `http://${options.host}:${port}`, port, close: closeOnce };
}

class CacheProxy {
  readonly #options: CacheProxyOptions;
  readonly #spool: Spool;
  readonly #upstream: Upstream;
  readonly #logger: FastifyBaseLogger | undefined;
  readonly #accessHash: string;
  #restUntil = 0;

  constructor(options: CacheProxyOptions, spool: Spool, upstream: Upstream, logger: FastifyBaseLogger | undefined) {
    this.#options = options;
    this.#spool = spool;
    this.#upstream = upstream;
    this.#logger = logger;
    this.#accessHash = secretHash(options.accessToken);
  }

  /** Answers any request, whatever happens on the way. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined); // Nx went away: there is nobody left to answer.
    const hash = /^\/v1\/cache\/([A-Za-z0-9_-]{1,128})$/.exec(request.url ?? '')?.[1];
    try {
      if (hostName(request.headers.host) !== '127.0.0.1' && hostName(request.headers.host) !== 'localhost') {
        say(response, 421, 'unknown host');
      } else if (!this.#isAllowed(request)) {
        say(response, request.method === 'PUT' ? 401 : 403, 'wrong access token');
      } else if (hash === undefined) say(response, 404, 'not found');
      else if (request.method === 'GET') await this.#get(hash, response);
      else if (request.method === 'PUT') await this.#put(hash, request, response);
      else say(response, 405, 'method not allowed');
    } catch (error) {
      this.#logger?.warn({ err: error }, 'the cache proxy failed on a request');
      if (!response.headersSent) say(response, request.method === 'PUT' ? 200 : 404, 'the cache is out of order');
      else response.destroy();
    }
  }

  async #get(hash: string, response: ServerResponse): Promise<void> {
    const found = await this.#attempt(() => this.#upstream.fetch(hash, this.#spool), 404);
    if (typeof found === 'number') {
      say(response, found, 'no record');
      return;
    }
    try {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': found.size });
      await pipeline(found.read(), response);
    } finally {
      await found.remove();
    }
  }

  async #put(hash: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (Number(request.headers['content-length'] ?? 0) > this.#options.maxEntryBytes) {
      request.resume();
      await new Promise((resolve) => request.once('close', resolve).once('end', resolve));
      say(response, 200, 'too large to be kept');
      return;
    }
    const limit = AbortSignal.timeout(this.#options.transferMs);
    let record: SpooledRecord;
    try {
      record = await this.#spool.receive(bodyOf(request), this.#options.maxEntryBytes, limit);
    } catch (error) {
      await drainRequest(request);
      throw error;
    }
    let status: 200 | 403 | 409;
    try {
      status = await this.#attempt(() => this.#upstream.store(hash, record), 200);
    } finally {
      await record.remove();
    }
    say(response, status, 'done');
  }

  /** Tries the hub, unless it is at rest after a fault; a fault counts as `otherwise`. */
  async #attempt<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
    if (performance.now() < this.#restUntil) return otherwise;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UpstreamFaultError)) throw error;
      this.#restUntil = performance.now() + this.#options.restMs;
      const rest = this.#options.restMs / 1000;
      this.#logger?.warn(`the remote cache failed (${error.message}); Nx goes on without it for ${rest} s`);
      return otherwise;
    }
  }

  #isAllowed(request: IncomingMessage): boolean {
    const secret = bearerSecret(request.headers.authorization);
    return secret !== undefined && sameHash(secretHash(secret), this.#accessHash);
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
