import type { FastifyInstance } from 'fastify';
import type { HubOptions } from './hub-options.js';
import { type HubParts, openHubParts } from './hub-parts.js';
import { createHubServer, type HubContext } from './hub-server.js';

/** Requests that are under way when the hub stops have this long to end, in milliseconds. */
const GRACE_MS = 5_000;

export interface Hub {
  app: FastifyInstance;
  /** Ends streams and waiting requests, finishes the others, closes the database. Safe to call twice. */
  close(): Promise<void>;
}

/** Opens a hub's state and puts its server on it. It does not listen yet. */
export async function buildHub(options: HubOptions, context: Omit<HubContext, 'stopping'>): Promise<Hub> {
  const stopping = new AbortController();
  const parts = await openHubParts(options, context.now, context.steady);
  let app: FastifyInstance;
  try {
    app = await createHubServer(options, parts, { ...context, stopping: stopping.signal });
    await app.ready();
  } catch (error) {
    parts.close();
    throw error;
  }
  const sweeping = startSweeping(parts, options.sweepSeconds * 1000, app);
  let closing: Promise<void> | undefined;
  const close = async () => {
    stopping.abort();
    parts.stopWaiting();
    await sweeping.stop();
    const cutOff = setTimeout(() => {
      app.server.closeAllConnections();
    }, GRACE_MS);
    await app.close();
    clearTimeout(cutOff);
    parts.close();
  };
  return { app, close: () => (closing ??= close()) };
}

/** Sweeps again and again, one sweep at a time. A sweep that fails (a full disk) is logged and tried again. */
function startSweeping(parts: HubParts, intervalMs: number, app: FastifyInstance): { stop(): Promise<void> } {
  let current = Promise.resolve();
  let stopped = false;
  const again = () => {
    current = parts
      .sweep()
      .catch((error: unknown) => {
        app.log.error({ err: error }, 'the sweep failed and will be repeated');
      })
      .then(() => {
        if (!stopped) timer.refresh();
      });
  };
  const timer = setTimeout(again, intervalMs);
  timer.unref();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return current;
    },
  };
}
