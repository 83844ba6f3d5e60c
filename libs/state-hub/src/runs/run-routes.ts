import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LogLength, LogOffset, Run, RunFinish, RunPage, RunQuery, RunStart } from '../api/runs.js';
import { requireOwner, onBehalfOf } from '../auth/ownership.js';
import { EventStream } from '../http/server-sent-events.js';
import type { RunService } from './run-service.js';
import type { RunStore } from './run-store.js';

const ById = z.object({ id: z.uuid() });
type ById = z.infer<typeof ById>;
const tags = ['runs'];
/** One append, in bytes. */
const APPEND_LIMIT = 4 * 1024 * 1024;

/** `/runs`: what was run, and what it printed. */
export function runRoutes(app: FastifyInstance, runs: RunService, store: RunStore): void {
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });

  app.get<{ Querystring: z.output<typeof RunQuery> }>(
    '/runs',
    {
      config: { access: 'read' },
      schema: { tags, summary: 'History, newest first', querystring: RunQuery, response: { 200: RunPage } },
    },
    (request) => store.list(request.query),
  );

  app.get<{ Params: ById }>(
    '/runs/:id',
    { config: { access: 'read' }, schema: { tags, summary: 'One run', params: ById, response: { 200: Run } } },
    (request) => runs.get(request.params.id),
  );

  app.post<{ Body: z.output<typeof RunStart> }>(
    '/runs',
    { config: { access: 'user' }, schema: { tags, summary: 'A run begins', body: RunStart, response: { 200: Run } } },
    (request) => runs.start(request.body, onBehalfOf(request.principal, request.body.user)),
  );

  app.post<{ Params: ById; Body: z.output<typeof RunFinish> }>(
    '/runs/:id/finish',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'A run has ended', params: ById, body: RunFinish, response: { 200: Run } },
    },
    (request) => {
      requireOwner(request.principal, runs.get(request.params.id).user);
      return runs.finish(request.params.id, request.body);
    },
  );

  app.post<{ Params: ById }>(
    '/runs/:id/alive',
    {
      config: { access: 'user' },
      schema: { tags, summary: 'A run goes on, though silently', params: ById, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      requireOwner(request.principal, runs.get(request.params.id).user);
      runs.touch(request.params.id);
      await reply.code(204).send();
    },
  );

  app.post<{ Params: ById; Querystring: z.output<typeof LogOffset>; Body: Buffer }>(
    '/runs/:id/log',
    {
      config: { access: 'user' },
      bodyLimit: APPEND_LIMIT,
      schema: {
        tags,
        summary: 'Append to the log (application/octet-stream, UTF-8)',
        params: ById,
        querystring: LogOffset,
        body: z.instanceof(Buffer),
        response: { 200: LogLength },
      },
    },
    async (request) => {
      requireOwner(request.principal, runs.get(request.params.id).user);
      return { length: await runs.append(request.params.id, request.query.offset, request.body) };
    },
  );

  app.get<{ Params: ById }>(
    '/runs/:id/log',
    { config: { access: 'read' }, schema: { tags, summary: 'The log so far, as text', params: ById } },
    async (request, reply) => {
      const { log_bytes } = runs.get(request.params.id);
      const text = runs.text(request.params.id, log_bytes);
      return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(text);
    },
  );

  app.get<{ Params: ById; Querystring: z.output<typeof LogOffset> }>(
    '/runs/:id/log/stream',
    {
      config: { access: 'read' },
      schema: {
        tags,
        summary: 'The log as it grows (SSE: "log" events, then "end"); Last-Event-ID or offset resumes',
        params: ById,
        querystring: LogOffset,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      runs.get(id);
      const resumeAt = z.coerce.number().int().nonnegative().safeParse(request.headers['last-event-id']);
      const stream = new EventStream(reply);
      try {
        for await (const chunk of runs.follow(id, resumeAt.data ?? request.query.offset, stream.closed)) {
          await stream.send({ event: 'log', id: String(chunk.length), data: chunk });
        }
        // A stream without this event was cut (by a restart of the hub, say): the reader resumes.
        if (runs.get(id).outcome !== 'running') await stream.send({ event: 'end', data: runs.get(id) });
      } finally {
        stream.close();
      }
    },
  );
}
