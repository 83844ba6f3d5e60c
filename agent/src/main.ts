import { setDefaultResultOrder } from 'node:dns';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { BuildMachinesError } from '@build-machines/protocol';
import { machineToolchains } from './cli/machine-toolchains.js';
import { serve } from './cli/serve.js';
import { usage, UsageError } from './cli/usage.js';
import { loadAgentConfig } from './config/agent-config.js';
import { jsonLogger } from './logging/logger.js';
import { runSession } from './sessions/run-session.js';
import { AGENT_VERSION } from './version.js';

/** The command line of the bundled agent; see {@link usage}. @returns the exit status. */
async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv);
  if (values.version === true) {
    process.stdout.write(`${AGENT_VERSION}\n`);
    return 0;
  }
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const [command, ...operands] = positionals;
  switch (command) {
    case 'serve':
      if (values.config === undefined) throw new UsageError('serve needs --config <file>.');
      await serveUntilSignalled(values.config);
      return 0;
    case 'session': {
      const [id] = operands;
      if (id === undefined || values.socket === undefined)
        throw new UsageError('session needs <id> and --socket <path>.');
      return runSession(id, values.socket, process.stderr);
    }
    case 'toolchains':
      await printToolchains(values.config);
      return 0;
    case undefined:
      throw new UsageError('a command is missing.');
    default:
      throw new UsageError(`there is no command ${command}.`);
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        socket: { type: 'string' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function serveUntilSignalled(configFile: string): Promise<void> {
  const config = await loadAgentConfig(configFile);
  // The hub is at localhost, where the tunnel may listen on IPv4 only; Node 18 tries a single address.
  setDefaultResultOrder('ipv4first');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      stop.abort(new Error(signal));
    });
  const script = process.argv[1] ?? '';
  await serve({
    config,
    version: AGENT_VERSION,
    ownCommand: [process.execPath, script],
    user: userInfo().username,
    isRoot: process.getuid?.() === 0,
    logger: jsonLogger(
      (line) => process.stderr.write(line),
      () => new Date(),
    ),
    now: () => new Date(),
    signal: stop.signal,
  });
}

/** For administrators and the smoke test: what the agent would offer. */
async function printToolchains(configFile: string | undefined): Promise<void> {
  const { username, homedir } = userInfo();
  const config =
    configFile === undefined
      ? { name: 'this machine', home: homedir, tools: { searchPaths: [], explicit: [] } }
      : await loadAgentConfig(configFile);
  const toolchains = machineToolchains(config, username);
  await toolchains.discover();
  process.stdout.write(`${JSON.stringify(toolchains.installed, null, 2)}\n`);
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const text =
      error instanceof BuildMachinesError
        ? `${error.message}\n${error.hint}\n`
        : `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
    process.stderr.write(text);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
