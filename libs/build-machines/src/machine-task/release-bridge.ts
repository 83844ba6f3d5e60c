import { allSandboxRecords, authorizedTunnels, isListening, type StateFolder } from '@build-machines/machines';
import { BridgeBusyError, stopBridge } from '@build-machines/remote';

/**
 * Stops the bridge after a machine went down, so that nothing of ours stays behind on this computer, unless something
 * else needs it: a sandbox that shall run, a machine whose tunnel stands at the relay, or a command that uses it now.
 * @returns whether a bridge was stopped.
 */
export async function releaseBridge(state: StateFolder, downMachine: string): Promise<boolean> {
  const sandboxes = await allSandboxRecords(state);
  if (sandboxes.some(({ wanted }) => wanted)) return false;
  const others = (await authorizedTunnels(state)).filter(({ machine }) => machine !== downMachine);
  for (const { port } of others) if (await isListening(port)) return false;
  try {
    return await stopBridge(state, { force: false });
  } catch (error) {
    if (!(error instanceof BridgeBusyError)) throw error;
    return false;
  }
}
