import type { StateFolder } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import { embeddedHub, ensureBridge } from '@build-machines/remote';
import { type CatalogClient, type HubClient, HubUnreachableError, type MachineEntry } from '@build-machines/state-hub';
import { userInfo } from 'node:os';
import { bridgeFor } from '../machine-task/bridge-for.js';
import { connectExisting } from './existing-hub.js';
import type { MachinePool } from './machine-pool.js';

/** The hub of a pool, as far as it goes. */
export interface WorkspaceHub {
  readonly url: string;
  /** Leases and runs; null: an existing hub that has neither. */
  readonly client: HubClient | null;
  readonly catalog: Pick<CatalogClient, 'list'> | null;
  /** The machines that a hub with leases knows, those of other workspaces included. */
  readonly known: readonly MachineEntry[];
  /** Whom the hub is told that work is for; undefined: whose token it is. */
  readonly user: string | undefined;
}

/** What is known of the surroundings. */
export interface HubSurroundings {
  readonly state: StateFolder;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Finds the hub of a pool: the one that its machine.yml names, which gets the token of BUILD_MACHINES_HUB_TOKEN, or the
 * embedded one, which is started with the bridge when it is not there. Only that one gets this user's administrator
 * token.
 * @throws HubUnreachableError, HubAnswerError; what `ensureBridge` throws.
 */
export async function workspaceHub(pool: MachinePool, { state, env, signal }: HubSurroundings): Promise<WorkspaceHub> {
  if (pool.hub !== undefined) {
    const hub = await connectExisting(pool.hub, env, signal);
    const client = hub.missing.includes('leases') ? null : hub.full('leases');
    const known = (await client?.listMachines({}, signal)) ?? [];
    return { url: hub.url, client, catalog: hub.catalog, known, user: undefined };
  }
  const [machine] = pool.machines;
  const client = await embeddedHub(state, machine.services.hub);
  const { url } = client;
  const user = userInfo().username;
  try {
    return { url, client, catalog: null, known: await client.listMachines({}, signal), user };
  } catch (error) {
    if (!(error instanceof HubUnreachableError)) throw error;
    await ensureBridge({ ...bridgeFor(machine, state), signal });
    return { url, client, catalog: null, known: await client.listMachines({}, signal), user };
  }
}

/** The hub, or why there is none: for what goes on without one. */
export async function workspaceHubIfThere(
  pool: MachinePool,
  surroundings: HubSurroundings,
): Promise<WorkspaceHub | BuildMachinesError> {
  try {
    return await workspaceHub(pool, surroundings);
  } catch (error) {
    surroundings.signal.throwIfAborted();
    if (error instanceof BuildMachinesError) return error;
    throw error;
  }
}
