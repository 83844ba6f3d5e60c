import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { workstationAccount } from '@build-machines/machines';
import type { BridgeOptions } from '@build-machines/remote';
import { distributed } from './distribution.js';

/**
 * How the bridge is started for a machine. Its relay listens beyond this computer only for a machine that connects out to
 * it from a network: a sandbox and a VM behind QEMU's own network reach the loopback interface.
 */
export function bridgeFor({ definition, services }: LoadedMachine, state: StateFolder): BridgeOptions {
  const { provider, relay, tunnel } = definition;
  const outside = relay.kind === 'embedded' && (provider === 'virtualbox' || (provider === 'ssh' && tunnel));
  return {
    state,
    account: workstationAccount(),
    bundle: distributed('bridge.cjs'),
    ports: { relay: services.relay, relayAddress: outside ? '0.0.0.0' : '127.0.0.1', hub: services.hub },
  };
}
