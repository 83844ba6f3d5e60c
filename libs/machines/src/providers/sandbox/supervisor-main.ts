import { endSupervisor, runSupervisor } from './run-supervisor.js';

/**
 * Entry of sandbox-supervisor.cjs: `node sandbox-supervisor.cjs <config.json> [end]`. SIGTERM ends the machine, SIGHUP
 * leaves it; `end` ends the supervisor that runs, and what it kept running. Also runs on adopted hosts, so on Node 18.
 */
async function main(): Promise<void> {
  const [configFile, verb] = process.argv.slice(2);
  if (configFile === undefined) {
    process.stderr.write('usage: sandbox-supervisor <config.json> [end]\n');
    process.exitCode = 2;
    return;
  }
  if (verb === 'end') {
    process.exitCode = await endSupervisor(configFile);
    return;
  }
  const stop = new AbortController();
  const leave = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      stop.abort();
    });
  process.on('SIGHUP', () => {
    leave.abort();
  });
  process.exitCode = await runSupervisor(configFile, { stop: stop.signal, leave: leave.signal }, (message) => {
    process.stdout.write(`${new Date().toISOString()} ${message}\n`);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
