import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BuildMachinesError } from '@build-machines/protocol';
import { backupHub } from './backup/backup-hub.js';
import { restoreHub } from './backup/restore-hub.js';
import { requireTlsBeyondLoopback } from './hub/hub-options.js';
import { startHub } from './hub/start-hub.js';
import { claimHubFolder, ensureAdminToken, hubStateFiles } from './hub/state-files.js';
import { hubLogger } from './operations/logging.js';

const USAGE = `usage: hub serve  --state <folder> [--host <address>] [--port <port>] [--public-host <name>]...
                  [--tls-key <file> --tls-cert <file>] [--cache-max-bytes <n>] [--log-level <level>]
       hub backup --state <folder> <file>
       hub restore --state <folder> <file>
`;

/** The hub as a program of its own (a systemd unit, or a child of the bridge). Logs to stdout, one JSON line each. */
async function main(args: readonly string[], programFile: string): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      'public-host': { type: 'string', multiple: true },
      'tls-key': { type: 'string' },
      'tls-cert': { type: 'string' },
      'cache-max-bytes': { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
    },
  });
  const [command, target] = positionals;
  if (values.state === undefined) throw new UsageError('--state is missing');
  const folder = resolve(values.state);
  if (command === 'backup' || command === 'restore') {
    if (target === undefined) throw new UsageError('the file is missing');
    await (command === 'backup' ? backupHub : restoreHub)(hubStateFiles(folder), resolve(target));
    return;
  }
  if (command !== 'serve') throw new UsageError(`unknown command ${command ?? ''}`);
  const { 'tls-key': key, 'tls-cert': cert, 'cache-max-bytes': cacheMaxBytes } = values;
  if ((key === undefined) !== (cert === undefined)) throw new UsageError('--tls-key and --tls-cert go together');
  const tls =
    key === undefined || cert === undefined
      ? null
      : { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  // Before anything is written: a refused command leaves no state folder behind.
  if (values.host !== undefined) requireTlsBeyondLoopback(values.host, tls);
  const logger = hubLogger(values['log-level']);
  await claimHubFolder(folder);
  const hub = await startHub({
    host: values.host,
    port: values.port === undefined ? undefined : Number(values.port),
    databaseFile: hubStateFiles(folder).databaseFile,
    adminToken: ensureAdminToken(folder),
    publicHosts: values['public-host'],
    tls,
    cacheMaxBytes: cacheMaxBytes === undefined ? undefined : Number(cacheMaxBytes),
    pageFolder: join(dirname(resolve(programFile)), 'hub-page'),
    version: process.env['BUILD_MACHINES_VERSION'],
    logger,
  });
  logger.info({ url: hub.url }, 'serving');
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void hub.close());
}

class UsageError extends Error {}

main(process.argv.slice(2), process.argv[1] ?? '.').catch((error: unknown) => {
  process.exitCode = 1;
  if (error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true) {
    process.exitCode = 2;
    process.stderr.write(`hub: ${(error as Error).message}\n${USAGE}`);
  } else if (error instanceof BuildMachinesError) {
    process.stderr.write(`hub: ${error.message}\n${error.hint}\n`);
  } else {
    process.stderr.write(`hub: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
});
