import { inspectMachines, readPortRegistry, workstationAccount } from '@build-machines/machines';
import type { BridgeOptions } from '@build-machines/remote';
import type { Surroundings } from '../surroundings.js';
import { requireWorkspaceRoot } from '../workspace-root.js';

/**
 * How the bridge of this workspace is started. Its relay listens beyond this computer only where a machine connects out
 * to it from another one.
 * @throws OutsideWorkspaceError; what `readPortRegistry` throws.
 */
export async function thisBridge({ cwd, env, state, bridgeBundle }: Surroundings): Promise<BridgeOptions> {
  const root = requireWorkspaceRoot(cwd);
  const { services } = await readPortRegistry(root);
  const { machines } = await inspectMachines(root);
  const outside = machines.some(
    ({ definition: { provider, relay, tunnel, network } }) =>
      relay.kind === 'embedded' &&
      (provider === 'virtualbox' ||
        (provider === 'ssh' && tunnel) ||
        // Behind QEMU's NAT a machine reaches the loopback interface of this computer as 10.0.2.2.
        (provider === 'qemu' && network.mode === 'bridged')),
  );
  return {
    state,
    bundle: bridgeBundle,
    ports: { relay: services.relay, hub: services.hub, relayAddress: outside ? '0.0.0.0' : '127.0.0.1' },
    account: workstationAccount(env),
  };
}
