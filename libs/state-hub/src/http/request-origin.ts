import type { FastifyInstance } from 'fastify';
import { HubRequestError } from '../errors/hub-error.js';

/** The Host header names somebody else: a page on the internet resolved its own name to this address. */
export class HostRefusedError extends HubRequestError {
  readonly code = 'host-refused';
  readonly status = 421;

  constructor(host: string) {
    super(`the hub does not answer for the host "${host}"`, {
      hint: 'Use 127.0.0.1 or localhost, or start the hub with --public-host for each further name.',
      details: { host },
    });
  }
}

/** A browser sent the request for a page of another site. */
export class OriginRefusedError extends HubRequestError {
  readonly code = 'origin-refused';
  readonly status = 403;

  constructor(origin: string) {
    super(`the hub does not serve requests made by pages of ${origin}`, {
      hint: "Open the hub's own page instead.",
      details: { origin },
    });
  }
}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** The name in a Host header, without port, in lower case; undefined where it is no host at all. */
export function hostName(header: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec((header ?? '').toLowerCase())?.[1];
}

/**
 * Refuses what a foreign page could make a browser send: requests whose Host is not one of ours (DNS rebinding), and
 * requests whose Origin or Sec-Fetch-Site is another site (CSRF). Clients that are no browsers send neither of the two.
 * @param publicHosts names under which the hub is reached besides loopback.
 */
export function installOriginChecks(app: FastifyInstance, publicHosts: readonly string[]): void {
  const allowed = new Set([...LOOPBACK_HOSTS, ...publicHosts.map((host) => host.toLowerCase())]);
  app.addHook('onRequest', (request, _reply, done) => {
    const { host, origin } = request.headers;
    const name = hostName(host);
    if (name === undefined || !allowed.has(name)) throw new HostRefusedError(host ?? '');
    if (origin !== undefined && !isSameOrigin(origin, host)) throw new OriginRefusedError(origin);
    const site = request.headers['sec-fetch-site'];
    const navigates = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
    if ((site === 'cross-site' || site === 'same-site') && !navigates) throw new OriginRefusedError('another site');
    done();
  });
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
