import { inspectMachines, readPortRegistry } from '@build-machines/machines';
import { embeddedHub } from '@build-machines/remote';
import { type ConnectedHub, HubClient, type HubFeature } from '@build-machines/state-hub';
import { connectExisting, type ExistingHub, existingHub } from '../../placing/existing-hub.js';
import type { Surroundings } from '../surroundings.js';
import { findWorkspaceRoot } from '../workspace-root.js';

/** Port of the embedded hub where no workspace says another. */
const DEFAULT_PORT = 8000;

/**
 * A client of the hub that a command means: the one that is named, else the one that the workspace's machines name, else
 * the embedded one. A named hub gets the token of BUILD_MACHINES_HUB_TOKEN. Only the embedded one gets this user's
 * administrator token: no other server shall ever see it.
 * @param named value of `--hub`.
 * @param feature what the command asks of it.
 * @throws HubFeatureMissingError when that is an existing hub which has no such thing.
 */
export async function connectHub(
  surroundings: Surroundings,
  named: string | undefined,
  feature?: HubFeature,
): Promise<HubClient> {
  const other = await otherHub(surroundings, named);
  if (other === undefined) return ownHub(surroundings);
  const { env, signal } = surroundings;
  if (feature === undefined) return new HubClient({ url: other.url, token: env['BUILD_MACHINES_HUB_TOKEN'] });
  return (await connectExisting(other, env, signal)).full(feature);
}

/** As {@link connectHub}, for what any hub has: the catalog. @returns the full client too, where there is one. */
export async function connectCatalog(
  surroundings: Surroundings,
  named: string | undefined,
): Promise<{ client: HubClient } | { other: ConnectedHub }> {
  const other = await otherHub(surroundings, named);
  if (other === undefined) return { client: await ownHub(surroundings) };
  const hub = await connectExisting(other, surroundings.env, surroundings.signal);
  return hub.missing.length === 0 ? { client: hub.full('heartbeats') } : { other: hub };
}

async function ownHub(surroundings: Surroundings): Promise<HubClient> {
  return embeddedHub(surroundings.state, await embeddedHubPort(surroundings));
}

/**
 * The hub that is meant instead of the embedded one: by option, environment, or machine.yml of all machines. How it lays
 * out its catalog is always what the first machine.yml says that names the same address.
 */
async function otherHub({ cwd, env }: Surroundings, named: string | undefined): Promise<ExistingHub | undefined> {
  const said = named ?? env['BUILD_MACHINES_HUB_URL'];
  const root = findWorkspaceRoot(cwd);
  const hubs =
    root === undefined ? [] : (await inspectMachines(root)).machines.map(({ definition }) => existingHub(definition));
  if (said !== undefined) return hubs.find((hub) => hub?.url === said) ?? { url: said };
  const [first] = hubs;
  return hubs.every((hub) => hub?.url === first?.url) ? first : undefined;
}

/** Where the embedded hub of this workspace answers. */
export async function embeddedHubUrl(surroundings: Surroundings): Promise<string> {
  return `http://127.0.0.1:${await embeddedHubPort(surroundings)}`;
}

async function embeddedHubPort({ cwd }: Surroundings): Promise<number> {
  const root = findWorkspaceRoot(cwd);
  return root === undefined ? DEFAULT_PORT : (await readPortRegistry(root)).services.hub;
}
