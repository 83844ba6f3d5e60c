import { inspectMachines, readPortRegistry, relayAddress, workstationAccount } from '@build-machines/machines';
import type { BridgeOptions } from '@build-machines/remote';
import type { Surroundings } from '../surroundings.js';
import { ownVersion } from '../../package/package-folder.js';
import { requireWorkspaceRoot } from '../workspace-root.js';

/**
 * How the bridge of this workspace is started, for all of its machines.
 * @throws OutsideWorkspaceError; what `readPortRegistry` throws.
 */
export async function thisBridge({ cwd, env, state, bridgeBundle }: Surroundings): Promise<BridgeOptions> {
  const root = requireWorkspaceRoot(cwd);
  const { services } = await readPortRegistry(root);
  const { machines } = await inspectMachines(root);
  return {
    state,
    bundle: bridgeBundle,
    release: ownVersion(),
    ports: {
      relay: services.relay,
      hub: services.hub,
      relayAddress: relayAddress(machines.map(({ definition }) => definition)),
    },
    account: workstationAccount(env),
  };
}
