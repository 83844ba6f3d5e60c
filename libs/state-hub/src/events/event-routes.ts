import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { EventStream } from '../http/server-sent-events.js';
import type { HubEvent } from '../api/events.js';
import type { EventBus } from './event-bus.js';

/** Events of one kind and id that happen within this time are sent once, in milliseconds. */
const GATHER_MS = 100;

/** `/events`: what changed, as it changes. The reader fetches what it shows; after a gap, all of it. */
export function eventRoutes(app: FastifyInstance, bus: EventBus, stopping: AbortSignal): void {
  app.get(
    '/events',
    { config: { access: 'read' }, schema: { tags: ['operations'], summary: 'Changes, as server-sent events' } },
    async (_request, reply) => {
      const stream = new EventStream(reply);
      const pending = new Map<string, HubEvent>();
      let timer: NodeJS.Timeout | undefined;
      const flush = () => {
        timer = undefined;
        const events = [...pending.values()];
        pending.clear();
        for (const event of events) void stream.send({ event: event.kind, data: event });
      };
      const unsubscribe = bus.subscribe((event) => {
        pending.set(`${event.kind} ${event.id}`, event);
        timer ??= setTimeout(flush, GATHER_MS);
      });
      const ended = AbortSignal.any([stream.closed, stopping]);
      if (!ended.aborted) await once(ended, 'abort');
      unsubscribe();
      clearTimeout(timer);
      stream.close();
    },
  );
}
