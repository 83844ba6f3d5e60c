import { inspectMachines, readPortRegistry } from '@build-machines/machines';
import { hubAdminToken } from '@build-machines/remote';
import { connectHub as connectAnyHub, type ConnectedHub, HubClient, type HubFeature } from '@build-machines/state-hub';
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
  const url = await otherHubUrl(surroundings, named);
  if (url === undefined) return embeddedHub(surroundings);
  const token = surroundings.env['BUILD_MACHINES_HUB_TOKEN'];
  if (feature === undefined) return new HubClient({ url, token });
  return (await connectAnyHub({ url, token }, surroundings.signal)).full(feature);
}

/** As {@link connectHub}, for what any hub has: the catalog. @returns the full client too, where there is one. */
export async function connectCatalog(
  surroundings: Surroundings,
  named: string | undefined,
): Promise<{ client: HubClient } | { other: ConnectedHub }> {
  const url = await otherHubUrl(surroundings, named);
  if (url === undefined) return { client: await embeddedHub(surroundings) };
  const hub = await connectAnyHub({ url, token: surroundings.env['BUILD_MACHINES_HUB_TOKEN'] }, surroundings.signal);
  return hub.missing.length === 0 ? { client: hub.full('heartbeats') } : { other: hub };
}

async function embeddedHub(surroundings: Surroundings): Promise<HubClient> {
  return new HubClient({ url: await embeddedHubUrl(surroundings), token: await hubAdminToken(surroundings.state) });
}

/** The hub that is meant instead of the embedded one: by option, environment, or machine.yml of all machines. */
async function otherHubUrl({ cwd, env }: Surroundings, named: string | undefined): Promise<string | undefined> {
  const said = named ?? env['BUILD_MACHINES_HUB_URL'];
  const root = findWorkspaceRoot(cwd);
  if (said !== undefined || root === undefined) return said;
  const urls = (await inspectMachines(root)).machines.map(({ definition }) => definition.hub.url);
  const [first] = urls;
  return urls.every((url) => url === first) ? first : undefined;
}

/** Where the embedded hub of this workspace answers. */
export async function embeddedHubUrl({ cwd }: Surroundings): Promise<string> {
  const root = findWorkspaceRoot(cwd);
  const port = root === undefined ? DEFAULT_PORT : (await readPortRegistry(root)).services.hub;
  return `http://127.0.0.1:${port}`;
}
