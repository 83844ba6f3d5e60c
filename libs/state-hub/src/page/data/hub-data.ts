import { pageToken } from './page-token.js';
import type { MachineEntry } from '../../api/catalog.js';
import type { QueueView } from '../../api/leases.js';
import type { CacheStatistics, Run, RunPage } from '../../api/runs.js';

export type { CacheStatistics, MachineEntry, QueueView, Run, RunPage };

/** The hub wants a token, or another one. */
export class TokenWantedError extends Error {}

/** Sends a request to the hub, with the token if there is one. @throws TokenWantedError */
export async function ask(path: string, signal?: AbortSignal): Promise<Response> {
  const token = await pageToken();
  const answer = await fetch(path, {
    ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status === 401) throw new TokenWantedError();
  if (!answer.ok) throw new Error(`the hub answered ${answer.status}`);
  return answer;
}

/** The hub serves this page itself, so the shape of its answers is the shape that the page was built with. */
async function json<Shape>(path: string): Promise<Shape> {
  return (await (await ask(path)).json()) as Shape;
}

export const fetchMachines = (): Promise<MachineEntry[]> =>
  json('/capability-catalog/?capability_type=haskell-build-agent');
export const fetchQueue = (): Promise<QueueView> => json('/leases');
export const fetchRuns = (limit: number): Promise<RunPage> => json(`/runs?limit=${limit}`);
export const fetchRun = (id: string): Promise<Run> => json(`/runs/${encodeURIComponent(id)}`);
export const fetchCache = (): Promise<CacheStatistics> => json('/cache/statistics');
