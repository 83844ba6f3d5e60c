import { BuildMachinesError } from '@build-machines/protocol';
import type { HeldLease, HubClient } from '@build-machines/state-hub';
import type { Placement, PlacementRequest } from './placement.js';

/**
 * How long a lease lasts without being renewed, in seconds, where somebody wants its slot. A client on another computer
 * than the hub keeps its slot this long after it was killed, so short; but one that is overloaded must not lose leases.
 */
const LEASE_SECONDS = 30;

/**
 * Work runs on whichever of the wanted machines has a free slot, as the State Hub decides; others wait in its queue. The
 * lease is renewed until it is released.
 * @param user on whose behalf, where the hub's token may name somebody (an administrator's); undefined: the token's own.
 */
export function hubPlacement(
  hub: Pick<HubClient, 'acquireLease' | 'listMachines'>,
  user: string | undefined,
): Placement {
  return {
    async place(request: PlacementRequest) {
      const { label, machines, toolchain = {}, prefer = [], onWaiting, signal } = request;
      const avoid = await avoidable(hub, request);
      const lease = await hub.acquireLease(
        {
          label,
          user,
          requirements: { machines: [...machines], ...toolchain, labels: {}, avoid },
          prefer: prefer.slice(0, 16),
          lease_seconds: LEASE_SECONDS,
        },
        { onWaiting, signal },
      );
      return placeOf(lease);
    },
  };
}

function placeOf(held: HeldLease): Awaited<ReturnType<Placement['place']>> {
  const { id, machine, slot, fence } = held.lease;
  let released: Promise<void> | undefined;
  return {
    machine,
    lease: { id, slot, fence },
    lost: held.lost,
    release: (outcome) => (released ??= settle(held.release(outcome))),
  };
}

/** Of the machines to avoid, those that can be: when no other is ready, the one where it failed is better than none. */
async function avoidable(
  hub: Pick<HubClient, 'listMachines'>,
  { machines, avoid = [], signal }: PlacementRequest,
): Promise<string[]> {
  if (avoid.length === 0) return [];
  const ready = await hub.listMachines({ states: ['ready'] }, signal);
  const others = ready.filter(
    ({ name, mode }) => mode === 'active' && machines.includes(name) && !avoid.includes(name),
  );
  return others.length === 0 ? [] : [...avoid];
}

/** A hub that cannot be told takes the lease back by itself when it is no longer renewed. */
async function settle(release: Promise<void>): Promise<void> {
  try {
    await release;
  } catch (error) {
    if (!(error instanceof BuildMachinesError)) throw error;
  }
}
