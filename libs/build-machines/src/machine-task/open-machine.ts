import {
  type LoadedMachine,
  loadMachine,
  readMachineLock,
  resolveMachineAccess,
  type StateFolder,
  stateFolder,
  waitForMachine,
} from '@build-machines/machines';
import { agentConnector, ensureBridge } from '@build-machines/remote';
import type { RunConsole } from '../haskell-task/run-console.js';
import { bridgeFor } from './bridge-for.js';
import { bringUpSandbox } from './bring-up-sandbox.js';
import type { OpenedMachine } from './opened-machine.js';

/** After the relay was started: how long a machine's tunnel may take to come back, in milliseconds. */
const TUNNEL_BACK_WITHIN = 30_000;

/**
 * Makes a machine usable for a task. A sandbox costs nothing to have, so it is brought up when it is down; other machines
 * are the user's to start, and errors of the connection say how. What they connect out to is ours: it is started when it
 * is not there, as after a restart of the workstation.
 */
export async function openMachine(
  workspaceRoot: string,
  name: string,
  { console, signal }: { console: RunConsole; signal: AbortSignal },
): Promise<OpenedMachine> {
  const machine = await loadMachine(workspaceRoot, name);
  const state = stateFolder();
  if (machine.definition.provider === 'sandbox') {
    await bringUpSandbox(machine, state, {
      refreshLock: false,
      onProgress: (message) => {
        console.note(message);
      },
      signal,
    });
  } else if (connectsToRelay(machine)) await startRelay(machine, state, { console, signal });
  return { machine, lock: await readMachineLock(machine, state), connect: agentConnector(state, name) };
}

/** Whether the machine's tunnel ends at the relay that our bridge holds. */
function connectsToRelay({ definition: { provider, relay, tunnel } }: LoadedMachine): boolean {
  return relay.kind === 'embedded' && (provider !== 'ssh' || tunnel);
}

async function startRelay(
  machine: LoadedMachine,
  state: StateFolder,
  { console, signal }: { console: RunConsole; signal: AbortSignal },
): Promise<void> {
  const { name } = machine.definition;
  const access = await resolveMachineAccess(state, name);
  const { started } = await ensureBridge({ ...bridgeFor(machine, state), signal });
  if (!started) return;
  console.note(`Started the bridge; waiting for the tunnel of ${name}`);
  await waitForMachine(access, { timeoutMs: TUNNEL_BACK_WITHIN, signal });
}
