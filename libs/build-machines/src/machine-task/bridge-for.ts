import type { LoadedMachine, StateFolder } from '@build-machines/machines';
import { relayAddress, workstationAccount } from '@build-machines/machines';
import type { BridgeOptions } from '@build-machines/remote';
import { ownVersion } from '../package/package-folder.js';
import { distributed } from './distribution.js';

/** How the bridge is started for a machine. A bridge that runs for more than it needs is left as it is. */
export function bridgeFor({ definition, services }: LoadedMachine, state: StateFolder): BridgeOptions {
  return {
    state,
    account: workstationAccount(),
    bundle: distributed('bridge.cjs'),
    release: ownVersion(),
    ports: { relay: services.relay, relayAddress: relayAddress([definition]), hub: services.hub },
  };
}
