import { readPortRegistry } from '@build-machines/machines';
import { hubAdminToken } from '@build-machines/remote';
import { HubClient } from '@build-machines/state-hub';
import type { Surroundings } from '../surroundings.js';
import { findWorkspaceRoot } from '../workspace-root.js';

/** Port of the embedded hub where no workspace says another. */
const DEFAULT_PORT = 8000;

/**
 * A client of the hub that a command means: the one that is named, or else the embedded one of this workspace.
 * A named hub gets the token of BUILD_MACHINES_HUB_TOKEN. Only the embedded one gets this user's administrator token:
 * no other server shall ever see it.
 * @param named value of `--hub`.
 */
export async function connectHub(surroundings: Surroundings, named: string | undefined): Promise<HubClient> {
  const { env, state } = surroundings;
  const url = named ?? env['BUILD_MACHINES_HUB_URL'];
  if (url !== undefined) return new HubClient({ url, token: env['BUILD_MACHINES_HUB_TOKEN'] });
  return new HubClient({ url: await embeddedHubUrl(surroundings), token: await hubAdminToken(state) });
}

/** Where the embedded hub of this workspace answers. */
export async function embeddedHubUrl({ cwd }: Surroundings): Promise<string> {
  const root = findWorkspaceRoot(cwd);
  const port = root === undefined ? DEFAULT_PORT : (await readPortRegistry(root)).services.hub;
  return `http://127.0.0.1:${port}`;
}
