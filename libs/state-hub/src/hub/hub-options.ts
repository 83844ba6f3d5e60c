import { isAbsolute } from 'node:path';
import { BuildMachinesError } from '@build-machines/protocol';
import { z } from 'zod';

const Seconds = z.number().positive();
const Bytes = z.number().int().positive();

/** How a hub is run. All but the first group has defaults that suit a workstation. */
export const HubOptions = z.object({
  host: z.string().default('127.0.0.1').describe('Address to listen on. Others than loopback need tls.'),
  port: z.number().int().min(0).max(65535).default(8000).describe('0: any free port.'),
  databaseFile: z.string().refine(isAbsolute, 'must be an absolute path').describe('Created with mode 0600.'),
  adminToken: z.string().min(32).describe('The secret that may do everything, at least 32 characters.'),

  publicHosts: z.array(z.string()).default([]).describe('Names, besides loopback, that clients may call the hub by.'),
  tls: z
    .object({ key: z.string(), cert: z.string() })
    .nullable()
    .default(null)
    .describe('PEM texts of the private key and the certificate chain.'),
  openCatalog: z
    .boolean()
    .optional()
    .describe(
      'Whether machines and metrics are shown without a token. Default: only while the hub listens on loopback.',
    ),
  ttlSeconds: Seconds.default(60).describe(
    'A machine is stale after this long without a heartbeat, gone after 3 times.',
  ),
  heartbeatSeconds: Seconds.default(20).describe('How often machines are asked to say that they are alive.'),
  sweepSeconds: Seconds.default(2).describe('How often what time alone changes is looked at.'),
  cacheFolder: z
    .string()
    .nullable()
    .default(null)
    .describe('Folder of the Nx remote cache; null: beside the database.'),
  cacheMaxBytes: Bytes.default(10 * 1024 ** 3).describe('The cache evicts what was unused the longest beyond this.'),
  cacheMaxEntryBytes: Bytes.default(1024 ** 3).describe('Larger uploads are refused with 413.'),
  runLogFolder: z.string().nullable().default(null).describe('Folder of the logs of runs; null: beside the database.'),
  runRetentionDays: z
    .number()
    .positive()
    .default(30)
    .describe('Runs, their logs and machine history are kept this long.'),
  pageFolder: z.string().nullable().default(null).describe('Built files of the page; null: the API only.'),
});
/** What {@link HubOptions} takes. */
export type HubOptionsInput = z.input<typeof HubOptions>;
export type HubOptions = z.output<typeof HubOptions>;

/** The options do not go together, or are no valid options. */
export class HubOptionsError extends BuildMachinesError {
  readonly code = 'hub-options-invalid';
}

/** @throws HubOptionsError naming the option. */
export function parseHubOptions(input: HubOptionsInput): HubOptions {
  const parsed = HubOptions.safeParse(input);
  if (!parsed.success) {
    throw new HubOptionsError(`the hub cannot start with these options:\n${z.prettifyError(parsed.error)}`, {
      hint: 'See docs/guide/state-hub.md for the options.',
    });
  }
  requireTlsBeyondLoopback(parsed.data.host, parsed.data.tls);
  return parsed.data;
}

/** @throws HubOptionsError when a hub would listen beyond this computer without TLS. */
export function requireTlsBeyondLoopback(host: string, tls: HubOptions['tls']): void {
  if (isLoopback(host) || tls !== null) return;
  throw new HubOptionsError(`the hub would listen on ${host}, beyond this computer, without TLS`, {
    hint: 'Give it a certificate (--tls-key, --tls-cert), or keep the default --host 127.0.0.1 and reach it through SSH.',
  });
}

/** Whether an address can be reached from this computer only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
