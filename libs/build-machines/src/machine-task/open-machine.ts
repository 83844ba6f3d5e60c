import { loadMachine, readMachineLock, stateFolder } from '@build-machines/machines';
import { agentConnector } from '@build-machines/remote';
import type { RunConsole } from '../haskell-task/run-console.js';
import { bringUpSandbox } from './bring-up-sandbox.js';
import type { OpenedMachine } from './opened-machine.js';

/**
 * Makes a machine usable for a task. A sandbox costs nothing to have, so it is brought up when it is down; other machines
 * are the user's to start, and errors of the connection say how.
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
  }
  return { machine, lock: await readMachineLock(machine.folder), connect: agentConnector(state, name) };
}
