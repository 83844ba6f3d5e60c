import { z } from 'zod';

/** Something changed. Readers fetch what they show anew, so an event names the thing and carries nothing of it. */
export const HubEvent = z.object({
  kind: z.enum(['machine', 'queue', 'run', 'cache']),
  id: z.string().describe("The machine's name, the lease's or run's id; empty for the cache."),
});
export type HubEvent = z.infer<typeof HubEvent>;
