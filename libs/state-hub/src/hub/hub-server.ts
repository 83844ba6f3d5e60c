import { dirname } from 'node:path';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { installAuthentication } from '../auth/authenticate.js';
import { pageSessionRoutes } from '../auth/page-session-routes.js';
import { tokenRoutes } from '../auth/token-routes.js';
import { cacheRoutes } from '../cache/cache-routes.js';
import { catalogRoutes } from '../catalog/catalog-routes.js';
import { eventRoutes } from '../events/event-routes.js';
import { installBodyDeadline } from '../http/body-deadline.js';
import { docsRoutes } from '../http/docs-page.js';
import { installErrorHandler } from '../http/error-handler.js';
import { installOpenApi } from '../http/openapi.js';
import { pageRoutes } from '../http/page-files.js';
import { installOriginChecks } from '../http/request-origin.js';
import { installSecurityHeaders } from '../http/security-headers.js';
import { installZodCompilers } from '../http/zod-compilers.js';
import { leaseRoutes } from '../leases/lease-routes.js';
import { healthRoutes } from '../operations/health.js';
import { installMetrics } from '../operations/metrics.js';
import { installRequestLog } from '../operations/request-log.js';
import { runRoutes } from '../runs/run-routes.js';
import { type HubOptions, isLoopback } from './hub-options.js';
import type { HubParts } from './hub-parts.js';

/** Bodies of JSON requests may be this long, in bytes. */
const BODY_LIMIT = 1024 * 1024;
/** A connection on which nothing moves for this long is closed; streams send a comment more often than that. */
const SILENT_CONNECTION_MS = 120_000;
/** A request must have arrived whole within this time: the largest upload over a slow link. */
const REQUEST_MS = 15 * 60_000;

export interface HubContext {
  logger: FastifyBaseLogger | undefined;
  now: () => number;
  /** A clock in milliseconds that nobody sets, and that stands still while the computer sleeps; undefined: there is none. */
  steady: (() => number) | undefined;
  version: string;
  /** Login name of whoever runs the hub. */
  user: string;
  /** Aborted when the hub begins to stop. */
  stopping: AbortSignal;
}

/** The HTTP server over a hub's parts. It does not listen yet. */
export async function createHubServer(
  options: HubOptions,
  parts: HubParts,
  context: HubContext,
): Promise<FastifyInstance> {
  const { now, version, stopping } = context;
  const app = createServer(options, context.logger);
  app.addHook('onRequest', (_request, _reply, next) => {
    parts.noticePause();
    next();
  });
  installRequestLog(app);
  installSecurityHeaders(app);
  installOriginChecks(app, options.publicHosts);
  installAuthentication(app, {
    tokens: parts.tokens,
    now,
    openCatalog: options.openCatalog ?? isLoopback(options.host),
  });
  installBodyDeadline(app);
  installErrorHandler(app, dirname(options.databaseFile));
  installZodCompilers(app);
  await installOpenApi(app, version);
  app.after(() => {
    catalogRoutes(app, {
      catalog: parts.catalog,
      store: parts.catalogStore,
      ttlSeconds: options.ttlSeconds,
      heartbeatSeconds: options.heartbeatSeconds,
      leasesOn: (machine) =>
        parts.leases.leasesOn(machine).map(({ id, slot, fence }) => ({ lease_id: id, slot, fence })),
    });
    tokenRoutes(app, parts.tokens, now);
    pageSessionRoutes(app, parts.tokens, now);
    leaseRoutes(app, parts.leases);
    runRoutes(app, parts.runs, parts.runStore);
    eventRoutes(app, parts.bus, stopping);
    healthRoutes(app, context);
    docsRoutes(app);
    pageRoutes(app, options.pageFolder);
    installMetrics(app, {
      machines: () => parts.catalog.list(),
      queue: () => parts.leases.size(),
      cache: () => parts.cache.statistics(),
    });
    void app.register((scope, _options, done) => {
      cacheRoutes(scope, parts.cache);
      done();
    });
  });
  return app;
}

function createServer(options: HubOptions, logger: FastifyBaseLogger | undefined): FastifyInstance {
  const common = {
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: 30_000,
    connectionTimeout: SILENT_CONNECTION_MS,
    requestTimeout: REQUEST_MS,
    routerOptions: { ignoreTrailingSlash: true },
    forceCloseConnections: 'idle',
    ...(logger === undefined
      ? { logger: false }
      : { loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) }),
  } as const;
  return options.tls === null
    ? fastify(common)
    : (fastify({ ...common, https: { key: options.tls.key, cert: options.tls.cert } }) as unknown as FastifyInstance);
}
