import { userInfo } from 'node:os';
import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { buildHub } from './build-hub.js';
import { type HubOptionsInput, parseHubOptions } from './hub-options.js';
import { listenOnOtherLoopback, otherLoopback } from './other-loopback.js';
import { HubPortTakenError, probeHub } from './port-taken.js';

/** What surrounds a hub: everything that is not configuration. */
export interface HubSurroundings {
  /** A pino logger; absent: the hub says nothing. */
  logger?: FastifyBaseLogger;
  /** Aborting it closes the hub. */
  signal?: AbortSignal;
  /** The clock, in milliseconds since the epoch. */
  now?: () => number;
  /**
   * A clock that nobody sets and that stands still while the computer sleeps; default: the system's. Beside a given `now`
   * there is none by default, and no pause is noticed.
   */
  steady?: (() => number) | undefined;
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
 * Starts a State Hub in this process. One on loopback has its port on 127.0.0.1 and on ::1.
 * @throws HubPortTakenError when the port is held, saying by whom; HubOptionsError; DatabaseTooNewError.
 */
export async function startHub({
  logger,
  signal,
  now = Date.now,
  steady = now === Date.now ? () => performance.now() : undefined,
  version = '0.1.0',
  ...input
}: HubOptionsInput & HubSurroundings): Promise<RunningHub> {
  const options = parseHubOptions(input);
  signal?.throwIfAborted();
  const user = userInfo().username;
  const hub = await buildHub(options, { logger, now, steady, version, user });
  // Fastify would listen on those addresses of "localhost" that are free, and say nothing of the others.
  const address = options.host === 'localhost' ? '127.0.0.1' : options.host;
  const listening = async <T>(host: string, port: number, listen: () => Promise<T>): Promise<T> => {
    try {
      return await listen();
    } catch (error) {
      await hub.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      throw new HubPortTakenError(host, port, await probeHub(host, port), user);
    }
  };
  await listening(address, options.port, () => hub.app.listen({ host: address, port: options.port }));
  const { port } = hub.app.server.address() as AddressInfo;
  const other = await listening(otherLoopback(address), port, () =>
    listenOnOtherLoopback(hub.app.server, address, port),
  );
  const close = async (): Promise<void> => {
    other?.close();
    await hub.close();
    hub.app.server.closeAllConnections();
  };
  signal?.addEventListener('abort', () => void close(), { once: true });
  const scheme = options.tls === null ? 'http' : 'https';
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `${scheme}://${host}:${port}`, port, close };
}
