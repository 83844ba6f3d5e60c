import { compareReleases } from '@build-machines/machines';
import type { BridgeIdentity } from './bridge-protocol.js';

/**
 * Why a running bridge should give way to the one that a command would start: `release`, ours is newer; `rebuilt`, the
 * same program was built anew in the same place; `reach`, its relay must listen for machines on other hosts too.
 * Undefined: it serves us as well as our own would. So two releases of the plugin share the bridge of the newer one.
 */
export function whyReplace(
  running: Omit<BridgeIdentity, 'pid' | 'startedAt' | 'protocol'>,
  wanted: Pick<BridgeIdentity, 'release' | 'bundle' | 'version' | 'ports'>,
): 'release' | 'rebuilt' | 'reach' | undefined {
  const order = compareReleases(wanted.release, running.release);
  // A relay that listens for other hosts serves this computer as well.
  const { relayAddress } = running.ports;
  if (relayAddress !== wanted.ports.relayAddress && relayAddress !== '0.0.0.0') return 'reach';
  if (order > 0) return 'release';
  if (order === 0 && running.bundle === wanted.bundle && running.version !== wanted.version) return 'rebuilt';
  return undefined;
}
