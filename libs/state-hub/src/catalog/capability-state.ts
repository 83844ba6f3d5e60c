import type { CapabilityState } from '@build-machines/protocol';

/** Silent for this many TTLs: gone. */
const GONE_AFTER_TTLS = 3;

/**
 * The state of a machine from how long it has been silent.
 * @param hubDowntime the last time that the hub itself was away: it could not have heard anything, so that span does not
 * count as silence of a machine whose last heartbeat is older.
 */
export function capabilityState(
  lastHeartbeatAt: number,
  now: number,
  ttlMs: number,
  hubDowntime: { from: number; to: number },
): CapabilityState {
  const unheard = lastHeartbeatAt <= hubDowntime.from ? hubDowntime.to - hubDowntime.from : 0;
  const silence = now - lastHeartbeatAt - unheard;
  if (silence <= ttlMs) return 'ready';
  return silence <= ttlMs * GONE_AFTER_TTLS ? 'stale' : 'gone';
}
