import { CapabilityHeartbeat, CapabilityRegistration, ErrorBody, RegistrationAnswer } from '@build-machines/protocol';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  CatalogQuery,
  HeartbeatAnswer,
  HistoryQuery,
  MachineEntry,
  MachineHistory,
  MachineModeRequest,
} from '../api/catalog.js';
import { AccessDeniedError } from '../auth/auth-errors.js';
import type { Principal } from '../auth/token-store.js';
import type { Catalog } from './catalog.js';
import { fitsQuery } from './catalog-filter.js';
import type { CatalogStore } from './catalog-store.js';

const ById = z.object({ id: z.string() });
const ByName = z.object({ name: z.string() });
const tags = ['catalog'];

export interface CatalogRouteOptions {
  catalog: Catalog;
  store: CatalogStore;
  ttlSeconds: number;
  heartbeatSeconds: number;
  /** The live leases on a machine, for the answer to its heartbeat. */
  leasesOn: (machine: string) => HeartbeatAnswer['leases'];
}

/** `/capability-catalog/` and `/machines/`: who is there, and what happened to them. */
export function catalogRoutes(app: FastifyInstance, options: CatalogRouteOptions): void {
  const { catalog, store } = options;

  app.get<{ Querystring: CatalogQuery }>(
    '/capability-catalog/',
    {
      config: { access: 'catalog' },
      schema: { tags, summary: 'List machines', querystring: CatalogQuery, response: { 200: z.array(MachineEntry) } },
    },
    (request) => catalog.list().filter((entry) => fitsQuery(entry, request.query)),
  );

  app.post<{ Body: CapabilityRegistration }>(
    '/capability-catalog/',
    {
      config: { access: 'machine' },
      schema: {
        tags,
        summary: 'Register a machine, or register it again',
        body: CapabilityRegistration,
        response: { 200: RegistrationAnswer, 403: ErrorBody, 409: ErrorBody },
      },
    },
    (request) => {
      requireMachine(request.principal, request.body.name);
      const { id } = catalog.register(request.body);
      return { id, ttl_seconds: options.ttlSeconds, heartbeat_seconds: options.heartbeatSeconds };
    },
  );

  app.post<{ Params: z.infer<typeof ById>; Body: CapabilityHeartbeat }>(
    '/capability-catalog/:id/heartbeat',
    {
      config: { access: 'machine' },
      schema: {
        tags,
        summary: 'Say that a machine is alive, and how busy',
        params: ById,
        body: CapabilityHeartbeat,
        response: { 200: HeartbeatAnswer, 403: ErrorBody, 404: ErrorBody },
      },
    },
    (request) => {
      requireMachine(request.principal, catalog.nameOf(request.params.id));
      const { name, state, mode, clock_skew_ms } = catalog.heartbeat(request.params.id, request.body);
      return { state, mode, clock_skew_ms, leases: options.leasesOn(name) };
    },
  );

  app.delete<{ Params: z.infer<typeof ById> }>(
    '/capability-catalog/:id',
    {
      config: { access: 'machine' },
      schema: { tags, summary: 'Remove a machine', params: ById, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      requireMachine(request.principal, catalog.nameOf(request.params.id));
      catalog.deregister(request.params.id, request.principal?.name ?? '');
      await reply.code(204).send();
    },
  );

  app.post<{ Params: z.infer<typeof ByName>; Body: z.infer<typeof MachineModeRequest> }>(
    '/machines/:name/mode',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary: 'Drain a machine, put it into maintenance, or take it back',
        params: ByName,
        body: MachineModeRequest,
        response: { 200: MachineEntry },
      },
    },
    (request) =>
      catalog.setMode(request.params.name, request.body.mode, request.body.note, request.principal?.name ?? 'admin'),
  );

  app.get<{ Querystring: z.infer<typeof HistoryQuery> }>(
    '/machines/history',
    {
      config: { access: 'read' },
      schema: {
        tags,
        summary: 'What happened to machines',
        querystring: HistoryQuery,
        response: { 200: MachineHistory },
      },
    },
    (request) => ({ changes: store.history(request.query) }),
  );
}

/** A machine speaks for itself only; an admin for any. */
function requireMachine(principal: Principal | null, name: string): void {
  if (principal?.role === 'admin' || (principal?.role === 'machine' && principal.name === name)) return;
  throw new AccessDeniedError(principal ?? { role: 'read-only', name: 'anonymous' }, `speak for the machine "${name}"`);
}
