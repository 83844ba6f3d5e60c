import { parseArgs } from 'node:util';
import { stateFolder, workstationAccount } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { BridgePorts } from './bridge-options.js';
import type { StartMessage } from './bridge-protocol.js';
import { errorBody } from './proxy-to-agent.js';
import { serveBridge } from './serve-bridge.js';

const USAGE =
  'usage: bridge.cjs serve --state <folder> --relay-port <port> --relay-address <address> --hub-port <port> [--release <release>]\n';

/**
 * Entry of bridge.cjs. SIGTERM and SIGINT end the bridge with its relay, SIGHUP leaves the relay standing for the next
 * one. Exit status 0 when another bridge already serves: whoever wanted one has one.
 */
async function main(bundle: string, args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      'relay-port': { type: 'string' },
      'relay-address': { type: 'string', default: '127.0.0.1' },
      'hub-port': { type: 'string' },
      release: { type: 'string', default: '0.0.0' },
    },
  });
  const ports = BridgePorts.safeParse({
    relay: values['relay-port'],
    relayAddress: values['relay-address'],
    hub: values['hub-port'],
  });
  if (positionals[0] !== 'serve' || values.state === undefined || !ports.success) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  process.umask(0o077);
  const state = stateFolder({ BUILD_MACHINES_HOME: values.state });
  const account = workstationAccount(process.env);
  try {
    const bridge = await serveBridge({ state, bundle, ports: ports.data, account, release: values.release });
    if (bridge === undefined) return;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void bridge.end('end'));
    process.on('SIGHUP', () => void bridge.end('keep'));
    await tellStarter({ ready: bridge.identity });
    await bridge.done;
    process.exit(0);
  } catch (error) {
    const shown = error instanceof BuildMachinesError ? `${error.message} ${error.hint}` : (error as Error).stack;
    process.stderr.write(`${new Date().toISOString()} ${shown ?? String(error)}\n`);
    await tellStarter({ failed: errorBody(error) });
    process.exit(1);
  }
}

/** Settles when the message is out, or at once where nobody waits for it. */
function tellStarter(message: StartMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) {
      resolve();
      return;
    }
    process.send(message, undefined, undefined, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}

void main(process.argv[1] ?? '', process.argv.slice(2));
