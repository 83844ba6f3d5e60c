import { z } from 'zod';

/** How a run stands. `lost`: nothing was heard of it for too long. */
export const RunOutcome = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'lost']);
export type RunOutcome = z.infer<typeof RunOutcome>;

/**
 * What it cost: `executed` ran on the machine, `attached` joined a run that was under way, `reused` was answered from
 * the machine's record of an identical run. (A hit of Nx's own cache never reaches a machine, so it is no run.)
 */
export const RunCacheOutcome = z.enum(['executed', 'attached', 'reused']);
export type RunCacheOutcome = z.infer<typeof RunCacheOutcome>;

/** `POST /runs`: a run begins. Sending it again with the same id changes nothing. */
export const RunStart = z.object({
  id: z.uuid().describe('Made by the client.'),
  label: z.string().max(512).describe('The Nx task, such as my-app:remote-build.'),
  project: z.string().max(256).nullable().default(null),
  target: z.string().max(256).nullable().default(null),
  machine: z.string().max(256),
  lease_id: z.uuid().nullable().default(null),
  user: z.string().max(256).optional().describe('On whose behalf. Only an admin token may name another user.'),
  workspace: z.string().max(1024).nullable().default(null).describe('Name or id of the workspace.'),
  commit: z.string().max(64).nullable().default(null),
  branch: z.string().max(256).nullable().default(null),
  dirty: z.boolean().nullable().default(null).describe('Whether the work tree differed from the commit.'),
  ghc: z.string().max(32).nullable().default(null),
});
export type RunStart = z.input<typeof RunStart>;

/** Where the time went, in milliseconds. */
export const RunDurations = z.object({
  queue: z.number().nonnegative().default(0),
  sync: z.number().nonnegative().default(0),
  run: z.number().nonnegative().default(0),
  fetch: z.number().nonnegative().default(0),
});

/** `POST /runs/{id}/finish`: a run has ended. */
export const RunFinish = z.object({
  outcome: RunOutcome.exclude(['running']),
  exit_code: z.number().int().nullable().default(null),
  signal: z.string().max(32).nullable().default(null),
  reason: z.string().max(2048).nullable().default(null).describe('Why it was cancelled or lost, for people.'),
  cache: RunCacheOutcome.default('executed'),
  durations_ms: RunDurations.default({ queue: 0, sync: 0, run: 0, fetch: 0 }),
  files_sent: z.number().int().nonnegative().default(0),
  bytes_sent: z.number().int().nonnegative().default(0),
  bytes_fetched: z.number().int().nonnegative().default(0),
  cpu_seconds: z.number().nonnegative().nullable().default(null),
  max_rss_bytes: z.number().nonnegative().nullable().default(null),
});
export type RunFinish = z.input<typeof RunFinish>;

/** A run as the hub shows it. */
export const Run = RunStart.extend({
  user: z.string(),
  outcome: RunOutcome,
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  log_bytes: z.number().int().describe('Length of the log, in bytes.'),
  log_truncated: z.boolean().describe('The log was longer than the hub keeps.'),
  finish: RunFinish.nullable(),
});
export type Run = z.output<typeof Run>;

export const RunQuery = z.object({
  machine: z.string().optional(),
  user: z.string().optional(),
  project: z.string().optional(),
  outcome: RunOutcome.optional(),
  before: z.coerce.number().int().positive().optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type RunQuery = z.input<typeof RunQuery>;

/** The newest runs first. `next`: pass as `before` for the following page; null: there is none. */
export const RunPage = z.object({ runs: z.array(Run), next: z.number().int().nullable() });
export type RunPage = z.output<typeof RunPage>;

/** `POST /runs/{id}/log?offset=`: text to append; the answer says how long the log is now. */
export const LogOffset = z.object({ offset: z.coerce.number().int().nonnegative().default(0) });
export const LogLength = z.object({ length: z.number().int() });

/** One event of `GET /runs/{id}/log/stream`; its SSE id is the byte offset that follows it. */
export const LogChunk = z.object({ text: z.string(), length: z.number().int() });
export type LogChunk = z.infer<typeof LogChunk>;

/** One day of the remote cache. */
export const CacheDay = z.object({
  day: z.iso.date(),
  hits: z.number().int(),
  misses: z.number().int(),
  stores: z.number().int(),
});
export const CacheStatistics = z.object({
  entries: z.number().int(),
  bytes: z.number().int(),
  max_bytes: z.number().int(),
  days: z.array(CacheDay).describe('The last 30 days that had any, oldest first.'),
});
export type CacheStatistics = z.infer<typeof CacheStatistics>;
