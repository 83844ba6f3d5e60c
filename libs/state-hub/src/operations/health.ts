import type { FastifyInstance } from 'fastify';
import { Health } from '../hub/port-taken.js';

/** `/healthz`: whether the hub is well, and whose it is. Needs no token: it tells nothing that `ps` does not. */
export function healthRoutes(
  app: FastifyInstance,
  context: { version: string; user: string; now: () => number; stopping: AbortSignal },
): void {
  const startedAt = new Date(context.now()).toISOString();
  app.get(
    '/healthz',
    {
      config: { access: 'open' },
      schema: { tags: ['operations'], summary: 'Whether the hub is well', response: { 200: Health } },
    },
    (): Health => ({
      service: 'build-machines-hub',
      status: context.stopping.aborted ? 'stopping' : 'ok',
      version: context.version,
      pid: process.pid,
      user: context.user,
      started_at: startedAt,
    }),
  );
}
