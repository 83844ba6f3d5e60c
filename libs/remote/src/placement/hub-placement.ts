import { BuildMachinesError } from '@build-machines/protocol';
import type { HubClient } from '@build-machines/state-hub';
import type { Placement, PlacementRequest } from './placement.js';

/**
 * Work runs on whichever machine of the State Hub's catalog fits and has a free slot; others wait in its queue. The lease
 * is renewed until it is released.
 */
export function hubPlacement(hub: Pick<HubClient, 'acquireLease'>): Placement {
  return {
    async place(request: PlacementRequest) {
      const { label, user, requirements = {}, prefer = [], avoid = [], onWaiting, signal } = request;
      const lease = await hub.acquireLease(
        {
          label,
          user,
          requirements: { ...requirements, labels: { ...requirements.labels }, avoid: [...avoid] },
          prefer: [...prefer],
        },
        { onWaiting, signal },
      );
      let released: Promise<void> | undefined;
      return {
        machine: lease.lease.machine,
        lost: lease.lost,
        release: (outcome) => (released ??= settle(lease.release(outcome))),
      };
    },
  };
}

/** A hub that cannot be told takes the lease back by itself when it is no longer renewed. */
async function settle(release: Promise<void>): Promise<void> {
  try {
    await release;
  } catch (error) {
    if (!(error instanceof BuildMachinesError)) throw error;
  }
}
