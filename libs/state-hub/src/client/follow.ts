import { setTimeout as sleep } from 'node:timers/promises';
import { HubEvent } from '../api/events.js';
import { LogChunk, Run } from '../api/runs.js';
import { HubUnreachableError } from './hub-client-errors.js';
import type { HubConnection } from './hub-connection.js';
import { readEvents } from './read-events.js';

const RETRY_MS = 1_000;
/** A hub that is away for longer than this ends the following. */
const HUB_AWAY_MS = 60_000;

/** Yields the log from its start and returns the run when it has ended. Resumes after a cut at the byte where it was. */
export async function* followLog(
  connection: HubConnection,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogChunk, Run> {
  let offset = 0;
  let lastHeard = performance.now();
  for (;;) {
    try {
      const path = `/runs/${encodeURIComponent(id)}/log/stream`;
      const stream = await connection.stream(path, { query: { offset }, signal });
      for await (const { event, data } of readEvents(stream)) {
        lastHeard = performance.now();
        if (event === 'end') return Run.parse(JSON.parse(data));
        const chunk = LogChunk.parse(JSON.parse(data));
        offset = chunk.length;
        yield chunk;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isConnectionLoss(error) || performance.now() - lastHeard > HUB_AWAY_MS) throw error;
    }
    await sleep(RETRY_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** Yields what changes until the connection ends. */
export async function* followEvents(
  connection: HubConnection,
  signal: AbortSignal | undefined,
): AsyncGenerator<HubEvent> {
  for await (const { data } of readEvents(await connection.stream('/events', { signal }))) {
    yield HubEvent.parse(JSON.parse(data));
  }
}

function isConnectionLoss(error: unknown): boolean {
  if (error instanceof HubUnreachableError) return true;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'UND_ERR_ABORTED';
}
