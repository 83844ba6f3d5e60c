import { allSandboxRecords, authorizedTunnels, isListening, type StateFolder } from '@build-machines/machines';
import { stopBridge } from '@build-machines/remote';

/**
 * Stops the bridge after a machine went down, so that nothing of ours stays behind on this computer, unless something
 * else needs it: a sandbox that shall run, or a machine whose tunnel stands at the relay.
 * @returns whether a bridge was stopped.
 */
export async function releaseBridge(state: StateFolder, downMachine: string): Promise<boolean> {
  const sandboxes = await allSandboxRecords(state);
  if (sandboxes.some(({ wanted }) => wanted)) return false;
  const others = (await authorizedTunnels(state)).filter(({ machine }) => machine !== downMachine);
  for (const { port } of others) if (await isListening(port)) return false;
  return stopBridge(state);
}
