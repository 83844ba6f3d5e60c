import { bodyOf, drainRequest } from '@build-machines/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CacheStatistics } from '../api/runs.js';
import { toAnswer } from '../http/error-handler.js';
import type { Cache } from './cache.js';
import { CacheLengthMissingError } from './cache-errors.js';

/** Nx's hashes are decimal or hexadecimal; anything else could not be a file name safely. */
const Hash = z.object({ hash: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) });
type Hash = z.infer<typeof Hash>;
const tags = ['cache'];

/**
 * `/v1/cache/{hash}`: Nx's self-hosted remote cache ("Nx custom remote cache specification", OpenAPI 1.0.0). GET answers
 * 200, 403, 404; PUT answers 200, 401, 403, 409; errors are plain text. Beyond the specification, for uploads that no Nx
 * sends: 400 (bad hash, or cut), 411, 413, and 507.
 */
export function cacheRoutes(app: FastifyInstance, cache: Cache): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    done(null, payload);
  });
  app.setErrorHandler(answerInPlainText);

  app.get<{ Params: Hash }>(
    '/v1/cache/:hash',
    { config: { access: 'cache-read' }, schema: { tags, summary: 'Fetch a record', params: Hash } },
    async (request, reply) => {
      const { content, size, sha256 } = await cache.get(request.params.hash);
      return reply
        .type('application/octet-stream')
        .header('content-length', size)
        .header('etag', `"${sha256}"`)
        .header('cache-control', 'no-store')
        .send(content);
    },
  );

  app.put<{ Params: Hash }>(
    '/v1/cache/:hash',
    { config: { access: 'cache-write' }, schema: { tags, summary: 'Store a record', params: Hash } },
    async (request, reply) => {
      const length = z.coerce.number().int().nonnegative().safeParse(request.headers['content-length']);
      if (!length.success) throw new CacheLengthMissingError();
      const { raw } = request;
      try {
        await cache.put(request.params.hash, length.data, () => bodyOf(raw), request.principal?.name ?? '');
      } catch (error) {
        // Of an upload that was not begun with, Node reads the rest itself, after the answer.
        if (raw.readableDidRead) await drainRequest(raw);
        throw error;
      }
      return reply.code(200).type('text/plain; charset=utf-8').send('stored');
    },
  );

  app.get(
    '/cache/statistics',
    {
      config: { access: 'read' },
      schema: { tags, summary: 'How full the cache is, and how often it helped', response: { 200: CacheStatistics } },
    },
    () => cache.statistics(),
  );
}

async function answerInPlainText(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { status, body } = toAnswer(error);
  // The rest of an upload is read by Node after the answer, except where its client wants the connection closed then.
  if (request.headers.connection?.toLowerCase() === 'close') await drainRequest(request.raw);
  if (status >= 500) request.log.error({ err: error }, 'cache request failed');
  const reading = request.method === 'GET';
  const answered = reading && status === 401 ? 403 : reading && status === 400 ? 404 : status;
  return reply
    .code(answered)
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send([body.message, body.hint].filter((text) => text !== '').join('\n'));
}
