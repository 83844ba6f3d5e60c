import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';

/** The addresses that `localhost` may mean, each with the other one. */
const OTHER: Readonly<Record<string, string>> = { '127.0.0.1': '::1', '::1': '127.0.0.1' };

/**
 * Has a server that listens on one loopback address answer on the same port of the other one. Tunnels and browsers ask for
 * `localhost`, which may be either: were one left free, another account could take it, and be given machines' tokens.
 * @returns null where there is no other one: another host, or a computer without IPv6.
 * @throws what `listen` fails with; EADDRINUSE when somebody has the port there.
 */
export async function listenOnOtherLoopback(server: HttpServer, host: string, port: number): Promise<Server | null> {
  const address = OTHER[host];
  if (address === undefined) return null;
  // Half open as in Node's HTTP server, to which its connections are handed.
  const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
  try {
    other.listen({ host: address, port, ipv6Only: true });
    await once(other, 'listening');
    return other;
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** The other one of a loopback address, for messages. */
export function otherLoopback(host: string): string {
  return OTHER[host] ?? host;
}
