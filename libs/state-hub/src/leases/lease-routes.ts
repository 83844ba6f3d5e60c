import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  FenceAnswer,
  FenceCheck,
  LeasePoll,
  LeaseRelease,
  LeaseRequest,
  LeaseTicket,
  QueueView,
} from '../api/leases.js';
import { onBehalfOf, requireOwner } from '../auth/ownership.js';
import type { LeaseService } from './lease-service.js';

const ById = z.object({ id: z.uuid() });
type ById = z.infer<typeof ById>;
const tags = ['leases'];

/** `/leases`: the right to use a machine. */
export function leaseRoutes(app: FastifyInstance, leases: LeaseService): void {
  app.get(
    '/leases',
    {
      config: { access: 'read' },
      schema: { tags, summary: 'Who holds what, and who waits', response: { 200: QueueView } },
    },
    () => leases.view(),
  );

  app.post<{ Body: z.output<typeof LeaseRequest> }>(
    '/leases',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'Ask for a slot of a machine', body: LeaseRequest, response: { 200: LeaseTicket } },
    },
    (request) => leases.acquire(request.body, onBehalfOf(request.principal, request.body.user)),
  );

  app.get<{ Params: ById; Querystring: z.output<typeof LeasePoll> }>(
    '/leases/:id',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'Wait for a ticket to change (long poll)',
        params: ById,
        querystring: LeasePoll,
        response: { 200: LeaseTicket },
      },
    },
    async (request, reply) => {
      requireOwner(request.principal, leases.ownerOf(request.params.id));
      const gone = new AbortController();
      reply.raw.once('close', () => {
        gone.abort();
      });
      return leases.poll(request.params.id, request.query.wait_seconds * 1000, gone.signal);
    },
  );

  app.post<{ Params: ById }>(
    '/leases/:id/renew',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'Keep a lease', params: ById, response: { 200: LeaseTicket } },
    },
    (request) => {
      requireOwner(request.principal, leases.ownerOf(request.params.id));
      return leases.renew(request.params.id);
    },
  );

  app.post<{ Params: ById; Body: z.output<typeof LeaseRelease> | null | undefined }>(
    '/leases/:id/release',
    {
      config: { access: 'user' },
      schema: {
        tags,
        summary: 'Give a slot back, or leave the queue',
        params: ById,
        body: LeaseRelease.nullish(),
        response: { 200: LeaseTicket },
      },
    },
    (request) => {
      const owner = leases.ownerOf(request.params.id);
      requireOwner(request.principal, owner);
      return leases.end(request.params.id, 'released', request.body?.fault ?? false);
    },
  );

  app.delete<{ Params: ById }>(
    '/leases/:id',
    {
      config: { access: 'admin' },
      schema: { tags, summary: 'Take a lease away', params: ById, response: { 200: LeaseTicket } },
    },
    (request) => leases.end(request.params.id, 'revoked', false),
  );

  app.get<{ Querystring: FenceCheck }>(
    '/leases/fence',
    {
      config: { access: 'read' },
      schema: {
        tags,
        summary: 'Whether a fence still holds its slot',
        querystring: FenceCheck,
        response: { 200: FenceAnswer },
      },
    },
    ({ query }) => ({ valid: leases.isValid(query.machine, query.slot, query.fence) }),
  );
}
