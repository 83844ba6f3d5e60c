import { userInfo } from 'node:os';
import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { buildHub } from './build-hub.js';
import { type HubOptionsInput, parseHubOptions } from './hub-options.js';
import { HubPortTakenError, probeHub } from './port-taken.js';

/** What surrounds a hub: everything that is not configuration. */
export interface HubSurroundings {
  /** A pino logger; absent: the hub says nothing. */
  logger?: FastifyBaseLogger;
  /** Aborting it closes the hub. */
  signal?: AbortSignal;
  /** The clock, in milliseconds since the epoch. */
  now?: () => number;
  /** The hub's release, for /healthz and the API's description. */
  version?: string;
}

/** A hub that answers. */
export interface RunningHub {
  /** Where it answers, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly port: number;
  /** Ends streams and waiting requests, finishes the others, closes the database. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a State Hub in this process.
 * @throws HubPortTakenError when the port is held, saying by whom; HubOptionsError; DatabaseTooNewError.
 */
export async function startHub({
  logger,
  signal,
  now = Date.now,
  version = '0.1.0',
  ...input
}: HubOptionsInput & HubSurroundings): Promise<RunningHub> {
  const options = parseHubOptions(input);
  signal?.throwIfAborted();
  const user = userInfo().username;
  const hub = await buildHub(options, { logger, now, version, user });
  try {
    await hub.app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await hub.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new HubPortTakenError(options.host, options.port, await probeHub(options.host, options.port), user);
  }
  signal?.addEventListener('abort', () => void hub.close(), { once: true });
  const { port } = hub.app.server.address() as AddressInfo;
  const scheme = options.tls === null ? 'http' : 'https';
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `${scheme}://${host}:${port}`, port, close: () => hub.close() };
}
