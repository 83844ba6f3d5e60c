import { z } from 'zod';

/** How the cache proxy is run. Times in milliseconds. */
export const CacheProxyOptions = z.object({
  hubUrl: z.url().describe('The hub (or any server of the same protocol) behind it.'),
  hubToken: z.string().describe('A cache-read or cache-write token of the hub.'),
  accessToken: z
    .string()
    .min(32)
    .describe('What clients of the proxy must send as NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN.'),
  host: z.literal('127.0.0.1').default('127.0.0.1'),
  port: z.number().int().min(0).max(65535).default(0).describe('0: any free port.'),
  spoolFolder: z.string().describe('Where records are kept while they pass through; emptied at start.'),
  maxEntryBytes: z
    .number()
    .int()
    .positive()
    .default(1024 ** 3),
  answerMs: z.number().positive().default(3_000).describe('The hub must begin to answer within this time.'),
  stallMs: z.number().positive().default(10_000).describe('A transfer that stands still for this long is given up.'),
  transferMs: z.number().positive().default(120_000).describe('A transfer that takes longer is given up.'),
  restMs: z.number().positive().default(10_000).describe('After a fault the hub is left alone for this long.'),
});
export type CacheProxyOptionsInput = z.input<typeof CacheProxyOptions>;
export type CacheProxyOptions = z.output<typeof CacheProxyOptions>;
