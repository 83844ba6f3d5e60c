import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { installAuthentication } from '../auth/authenticate.js';
import { tokenRoutes } from '../auth/token-routes.js';
import { TokenStore } from '../auth/token-store.js';
import { Catalog } from '../catalog/catalog.js';
import { catalogRoutes } from '../catalog/catalog-routes.js';
import { CatalogStore } from '../catalog/catalog-store.js';
import { openDatabase } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { installErrorHandler } from '../http/error-handler.js';
import { installOpenApi } from '../http/openapi.js';
import { installOriginChecks } from '../http/request-origin.js';
import { installSecurityHeaders } from '../http/security-headers.js';
import { installZodCompilers } from '../http/zod-compilers.js';
import { leaseRoutes } from '../leases/lease-routes.js';
import { LeaseService } from '../leases/lease-service.js';
import { LeaseStore } from '../leases/lease-store.js';
import { type HubOptions, isLoopback } from './hub-options.js';
import { Health } from './port-taken.js';

/** Bodies of JSON requests may be this long, in bytes. */
const BODY_LIMIT = 1024 * 1024;

export interface HubContext {
  logger: FastifyBaseLogger | undefined;
  now: () => number;
  version: string;
  /** Login name of whoever runs the hub. */
  user: string;
}

export interface Hub {
  app: FastifyInstance;
  close(): Promise<void>;
}

/** Puts a hub together: the one place where its parts meet. It does not listen yet. */
export async function buildHub(options: HubOptions, { logger, now, version, user }: HubContext): Promise<Hub> {
  const database = openDatabase(options.databaseFile);
  const bus = new EventBus();
  const tokens = new TokenStore(database, options.adminToken);
  const catalogStore = new CatalogStore(database);
  const leaseStore = new LeaseStore(database);
  /** The catalog and the leases know each other; the catalog comes first. */
  const pool: { leases?: LeaseService } = {};
  const catalog = new Catalog({
    store: catalogStore,
    ttlMs: options.ttlSeconds * 1000,
    now,
    leasedSlots: (machine) => pool.leases?.leasesOn(machine).length ?? 0,
    onChange: (machine) => {
      pool.leases?.machineChanged(machine);
      bus.publish({ kind: 'machine', id: machine });
    },
  });
  const leases = new LeaseService({
    store: leaseStore,
    catalog,
    now,
    onChange: (id) => {
      bus.publish({ kind: 'queue', id });
    },
  });
  pool.leases = leases;
  const app = createServer(options, logger);
  installSecurityHeaders(app);
  installOriginChecks(app, options.publicHosts);
  installAuthentication(app, { tokens, now, anonymousReads: options.anonymousReads ?? isLoopback(options.host) });
  installErrorHandler(app);
  installZodCompilers(app);
  await installOpenApi(app, version);
  const startedAt = new Date(now()).toISOString();
  app.after(() => {
    catalogRoutes(app, {
      catalog,
      store: catalogStore,
      ttlSeconds: options.ttlSeconds,
      heartbeatSeconds: options.heartbeatSeconds,
      leasesOn: (machine) => leases.leasesOn(machine).map(({ id, slot, fence }) => ({ lease_id: id, slot, fence })),
    });
    tokenRoutes(app, tokens, now);
    leaseRoutes(app, leases);
    app.get(
      '/healthz',
      {
        config: { access: 'open' },
        schema: { tags: ['operations'], summary: 'Whether the hub is well', response: { 200: Health } },
      },
      () => ({
        service: 'build-machines-hub' as const,
        status: 'ok' as const,
        version,
        pid: process.pid,
        user,
        started_at: startedAt,
      }),
    );
    app.get('/docs/json', { config: { access: 'open' }, schema: { hide: true } }, () => app.swagger());
  });
  const sweeper = setInterval(() => {
    catalog.sweep();
    leases.sweep();
  }, options.sweepSeconds * 1000);
  sweeper.unref();

  let closing: Promise<void> | undefined;
  const close = async () => {
    clearInterval(sweeper);
    leases.close();
    await app.close();
    database.close();
  };
  return { app, close: () => (closing ??= close()) };
}

function createServer(options: HubOptions, logger: FastifyBaseLogger | undefined): FastifyInstance {
  const common = {
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: 30_000,
    requestTimeout: 0,
    routerOptions: { ignoreTrailingSlash: true },
    forceCloseConnections: true,
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger, disableRequestLogging: true }),
  } as const;
  return options.tls === null
    ? fastify(common)
    : (fastify({ ...common, https: { key: options.tls.key, cert: options.tls.cert } }) as unknown as FastifyInstance);
}
