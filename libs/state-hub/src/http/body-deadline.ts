import type { FastifyInstance } from 'fastify';

/** A body must have arrived whole within this time, in milliseconds: a piece of a log over a slow link. */
const WITHIN_MS = 60_000;

/**
 * Cuts off whoever sends a body drop by drop, so that idle connections cannot pile up. Records of the cache, which may be
 * large, have the server's own and longer limit.
 */
export function installBodyDeadline(app: FastifyInstance, withinMs = WITHIN_MS): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers, raw, routeOptions } = request;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (hasBody && routeOptions.config.access !== 'cache-write') {
      const timer = setTimeout(() => raw.destroy(), withinMs);
      const arrived = () => {
        clearTimeout(timer);
      };
      raw.once('end', arrived).once('close', arrived);
    }
    done(null, payload);
  });
}
