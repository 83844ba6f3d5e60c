import { useEffect, useState } from 'preact/hooks';
import { streamEvents } from './event-stream.js';
import {
  type CacheStatistics,
  fetchCache,
  fetchMachines,
  fetchQueue,
  fetchRuns,
  type MachineEntry,
  type QueueView,
  type Run,
  TokenWantedError,
} from './hub-data.js';

/** How many runs the page shows and charts. */
const RUNS = 60;
/** States change by time alone, without an event: everything is fetched anew this often, in milliseconds. */
const REFRESH_MS = 15_000;
const RECONNECT_MS = 2_000;

export interface Live {
  readonly connection: 'connecting' | 'live' | 'lost' | 'token-wanted';
  readonly machines: readonly MachineEntry[] | null;
  readonly queue: QueueView | null;
  readonly runs: readonly Run[] | null;
  readonly cache: CacheStatistics | null;
}

const nothing: Live = { connection: 'connecting', machines: null, queue: null, runs: null, cache: null };
const parts = {
  machine: async () => ({ machines: await fetchMachines() }),
  queue: async () => ({ queue: await fetchQueue(), machines: await fetchMachines() }),
  run: async () => ({ runs: (await fetchRuns(RUNS)).runs }),
  cache: async () => ({ cache: await fetchCache() }),
} satisfies Record<string, () => Promise<Partial<Live>>>;

/** What the page shows, kept current by the hub's events. Changing `attempt` connects anew. */
export function useLive(attempt: number): Live {
  const [live, setLive] = useState<Live>(nothing);
  useEffect(() => {
    const stop = new AbortController();
    const merge = (change: Partial<Live>) => {
      if (!stop.signal.aborted) setLive((old) => ({ ...old, ...change }));
    };
    const refresh = async () => {
      for (const change of await Promise.all([parts.queue(), parts.run(), parts.cache()])) merge(change);
    };
    const connect = async () => {
      await refresh();
      merge({ connection: 'live' });
      for await (const { event } of streamEvents('/events', stop.signal)) {
        if (event in parts) merge(await parts[event as keyof typeof parts]());
      }
    };
    const keepConnected = async () => {
      while (!stop.signal.aborted) {
        try {
          await connect();
        } catch (error) {
          if (error instanceof TokenWantedError) {
            merge({ connection: 'token-wanted' });
            return;
          }
        }
        merge({ connection: 'lost' });
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    };
    void keepConnected();
    const timer = setInterval(() => void refresh().catch(() => undefined), REFRESH_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [attempt]);
  return live;
}
