import { BuildMachinesError } from '@build-machines/protocol';
import {
  catalogPlacement,
  hubPlacement,
  orWithoutLease,
  type Placement,
  singlePlacement,
} from '@build-machines/remote';
import type { HubClient } from '@build-machines/state-hub';
import { type MachinePool, poolNames } from './machine-pool.js';
import { NoMachineUpError } from './pool-errors.js';
import { type HubSurroundings, type WorkspaceHub, workspaceHubIfThere } from './workspace-hub.js';

/** How the work of a pool is placed, and where it is recorded. */
export interface OpenedPlacement {
  readonly placement: Placement;
  /** Null: runs are not recorded, for want of a hub that does. */
  readonly recorder: HubClient | null;
  readonly user: string | undefined;
}

/**
 * Decides how work is placed. With a hub that gives leases: by lease, on a named machine too, so that its slots, its
 * queue and draining count. Without one, work goes to the only machine there is, which queues by itself; where there are
 * several, a hub without leases is asked which are ready, and without any hub nobody can choose.
 * @throws the reason why there is no hub, where several machines could be meant; NoMachineUpError.
 */
export async function openPlacement(
  pool: MachinePool,
  surroundings: HubSurroundings & { readonly note: (text: string) => void },
): Promise<OpenedPlacement> {
  const { note } = surroundings;
  const names = poolNames(pool);
  const only = names.length === 1 ? names[0] : undefined;
  const hub = await workspaceHubIfThere(pool, surroundings);
  if (hub instanceof BuildMachinesError) {
    if (only === undefined) throw hub;
    note(`No State Hub: ${hub.message}. Runs without a lease, and without a record`);
    return { placement: singlePlacement(only), recorder: null, user: undefined };
  }
  const { client, catalog, user } = hub;
  if (client === null) {
    note(`The State Hub at ${hub.url} has no leases and no runs: neither is used`);
    const placement = only !== undefined || catalog === null ? null : catalogPlacement(catalog, hub.url);
    return { placement: placement ?? singlePlacement(names[0]), recorder: null, user };
  }
  return { placement: leased(client, pool, names, hub, note), recorder: client, user };
}

/** By lease, as soon as a machine is there to give one on; before, on the machine that can be brought up. */
function leased(
  client: HubClient,
  pool: MachinePool,
  names: readonly [string, ...string[]],
  { known, user }: WorkspaceHub,
  note: (text: string) => void,
): Placement {
  const listed = known.filter(({ name }) => names.includes(name));
  const ready = listed.filter(({ state }) => state === 'ready').map(({ name }) => name);
  if (ready.length > 0) return orWithoutLease(hubPlacement(client, user), ready, note);
  // A sandbox is brought up by the task; the only machine is asked itself, and its own answer says what is wrong.
  const sandbox = pool.machines.find(({ definition }) => definition.provider === 'sandbox');
  const startable = sandbox?.definition.name ?? (names.length === 1 ? names[0] : undefined);
  if (startable === undefined) throw new NoMachineUpError(names, listed);
  return singlePlacement(startable);
}
