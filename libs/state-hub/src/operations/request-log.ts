import type { FastifyInstance } from 'fastify';

/** Logs one line per request that changed something or failed, and the rest at debug level. No query, body or header. */
export function installRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      as: request.principal === null ? undefined : `${request.principal.role} ${request.principal.name}`,
    };
    const frequent = request.method === 'GET' || line.route.endsWith('/heartbeat') || line.route.endsWith('/renew');
    if (reply.statusCode >= 400 || !frequent) request.log.info(line, 'request');
    else request.log.debug(line, 'request');
    done();
  });
}
